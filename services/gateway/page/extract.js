// Extracting by hand: one chat or all, a period or everything.

import { call } from "./api.js";
import { chats, fillChats } from "./chats.js";
import { button, element } from "./elements.js";
import { complain, reason, toast } from "./notices.js";
import { t } from "./words.js";

function field(label, node) {
  node.id = `extract-${node.name}`;
  const words = element("label", "", label);
  words.htmlFor = node.id;
  return element("div", "field", words, node);
}

function input(name, type) {
  const node = element("input");
  Object.assign(node, { name, type });
  return node;
}

// Days as the reader counts them, in his time zone; the last one is part of the period.
function period(form) {
  const since = form.elements.since.value && new Date(`${form.elements.since.value}T00:00`);
  const until = form.elements.until.value && new Date(`${form.elements.until.value}T00:00`);
  if (until) until.setDate(until.getDate() + 1);
  return { ...(since ? { since: since.toISOString() } : {}), ...(until ? { until: until.toISOString() } : {}) };
}

export function askToExtract({ chat, onStarted }) {
  const dialog = element("dialog", "card");
  const form = element("form", "edit");
  const select = element("select");
  select.name = "chat";
  fillChats(select, chat || String(chats.items.length === 1 ? chats.items[0].id : ""));
  const again = input("again", "checkbox");
  const wrong = element("p", "wrong");
  wrong.setAttribute("role", "alert");
  const start = element("button", "primary", t("extractGo"));
  const title = element("h2", "", t("extractByHand"));
  title.id = "extract-title";
  dialog.setAttribute("aria-labelledby", title.id);
  form.append(title, element("p", "meta", t("extractText")), field(t("chat"), select),
    element("div", "pair", field(t("since"), input("since", "date")), field(t("until"), input("until", "date"))),
    element("label", "check", again, element("span", "", t("extractAgain"))), wrong,
    element("div", "acts", start, button("act", t("leaveEdit"), () => dialog.close())));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    start.disabled = true;
    wrong.textContent = "";
    try {
      await call("/api/v1/knowledge/extractions", { method: "POST", body: wanted(form) });
      dialog.close();
      toast(t("extractBegun"));
      onStarted();
    } catch (error) {
      if (error.status === 401) complain(error);
      wrong.textContent = reason(error);
      start.disabled = false;
    }
  });
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// All chats with no period is all time.
function wanted(form) {
  const body = period(form);
  if (form.elements.chat.value) body.chat_ids = [Number(form.elements.chat.value)];
  else if (!body.since) body.since = "1970-01-01T00:00:00Z";
  if (form.elements.again.checked) body.again = true;
  return body;
}
