// What a search found: atoms and messages in one list, each with the words that match and, when asked, why it is there.

import { call } from "./api.js";
import { AtomCard, typeBadge } from "./atom.js";
import { chatTitle } from "./chats.js";
import { drawContext } from "./context.js";
import { button, element, icon, time } from "./elements.js";
import { fromFirst, inUnits, marked } from "./marks.js";
import { complain } from "./notices.js";
import { stateBadge } from "./review.js";
import { decimal, t, when } from "./words.js";

export function drawHit(hit) {
  const node = element("li", "hit");
  node.dataset.type = hit.atom_type ?? "message";
  const parts = element("dl", "parts");
  parts.hidden = true;
  node.append(element("i", `rail ${hit.message_class ? `of-${hit.message_class}` : ""}`), element("div", "", top(hit, parts), ...words(hit), parts, foot(hit, node)));
  return node;
}

function top(hit, parts) {
  const kind = hit.kind === "atom" ? typeBadge(hit.atom_type) : element("span", "type of-message", icon("message"), t("message"));
  const why = button("quiet score-of", decimal(hit.score), () => {
    if (!parts.children.length) parts.append(...drawParts(hit));
    parts.hidden = !parts.hidden;
    why.setAttribute("aria-expanded", String(!parts.hidden));
  }, "score");
  why.setAttribute("aria-expanded", "false");
  why.setAttribute("aria-label", `${t("score")} ${decimal(hit.score)}`);
  why.title = t("scoreWhy");
  return element("div", "hit-top", kind, ...(hit.kind === "atom" ? aboutAtom(hit) : aboutMessage(hit)), time("", hit.at, when(hit.at)), element("span", "grow"), why);
}

function aboutAtom(hit) {
  return hit.status && hit.status !== "needs_review" ? [stateBadge(hit)] : [];
}

// While ingestion is away, a message comes without its author and its chat.
function aboutMessage({ author, chat, chat_id: chatId, message_class: messageClass }) {
  return [
    messageClass ? element("span", `is-${messageClass}`, t(messageClass)) : null,
    author ? element("b", "", author.name) : null,
    element("span", "", chat?.title ?? chatTitle(chatId)),
  ];
}

function words(hit) {
  const text = element("p", "text", ...marked(...fromFirst(hit.text, inUnits(hit.text, hit.matches))));
  if (!hit.title || hit.title.trim() === hit.text.trim()) return [text];
  return [element("h2", "", ...marked(hit.title, inUnits(hit.title, hit.title_matches))), text];
}

function drawParts({ score, parts }) {
  const rows = [
    [t("byMeaning"), parts.vector === null ? t("noVector") : decimal(parts.vector, 3), parts.vector_z],
    [t("byWords"), decimal(parts.words, 3), parts.words_z],
  ];
  const lines = rows.map(([name, value, standard]) => element("div", "", element("dt", "", name), element("dd", "", value), element("dd", "", `z ${decimal(standard)}`)));
  return [...lines, element("div", "", element("dt", "", t("score")), element("dd", "", decimal(score)), element("dd", "", t("scoreSum")))];
}

// A message is unfolded among its neighbours, an atom as its card with quotes and review.
function foot(hit, node) {
  const open = button("quiet", t(hit.kind === "atom" ? "openAtom" : "inContext"), async () => {
    const shown = node.querySelector(".opened");
    open.setAttribute("aria-expanded", String(!shown));
    if (shown) return shown.remove();
    open.disabled = true;
    try {
      node.lastChild.append(element("div", "opened", await opened(hit)));
    } catch (error) {
      open.setAttribute("aria-expanded", "false");
      complain(error);
    } finally {
      open.disabled = false;
      open.focus({ preventScroll: true });
    }
  }, "open");
  open.setAttribute("aria-expanded", "false");
  return element("div", "acts", open);
}

async function opened(hit) {
  if (hit.kind === "message") return drawContext(hit.id, "");
  const card = new AtomCard(await call(`/api/v1/atoms/${hit.id}`), { onChanged: () => {} });
  return element("ul", "atoms", card.node);
}
