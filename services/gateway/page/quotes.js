// What proves an atom: the words of messages, with who said them when, and a way to where they stand.

import { drawContext } from "./context.js";
import { button, element, time } from "./elements.js";
import { complain } from "./notices.js";
import { many, t, when } from "./words.js";

const SHOWN = 2;

// With `isSaid` the words stand above already, and only their source is named.
export function drawQuotes(citations, isSaid = false) {
  const quotes = citations.map((citation, place) => quote(citation, place, isSaid));
  const box = element("ul", "quotes", ...quotes.slice(0, SHOWN));
  const rest = quotes.slice(SHOWN);
  if (rest.length) {
    const more = element("li", "", button("quiet", many("moreQuotes", rest.length), () => {
      more.replaceWith(...rest);
      rest[0].querySelector("button").focus({ preventScroll: true });
    }, "quotes"));
    box.append(more);
  }
  return box;
}

function quote(citation, place, isSaid) {
  const there = button("quiet", t("inContext"), () => toggle(), `context-${place}`);
  there.setAttribute("aria-expanded", "false");
  const source = element("p", "source", element("span", "", citation.author ?? t("nobody")), citation.sent_at ? time("", citation.sent_at, when(citation.sent_at)) : null,
    citation.stale ? element("span", "stale", t("stale")) : null, there);
  const item = element("li", "quote", isSaid ? null : element("blockquote", "", citation.quote), source);
  async function toggle() {
    const open = item.querySelector(".context");
    there.setAttribute("aria-expanded", String(!open));
    if (open) { open.remove(); return; }
    there.disabled = true;
    try {
      item.append(await drawContext(citation.message_id, citation.quote));
    } catch (error) {
      there.setAttribute("aria-expanded", "false");
      complain(error);
    } finally {
      there.disabled = false;
      there.focus({ preventScroll: true });
    }
  }
  return item;
}
