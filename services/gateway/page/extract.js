// Extracting by hand: one chat or all, a period or everything.

import { call } from "./api.js";
import { chats, fillChats } from "./chats.js";
import { ask, field, input } from "./dialogs.js";
import { element } from "./elements.js";
import { toast } from "./notices.js";
import { period } from "./periods.js";
import { t } from "./words.js";

export function askToExtract({ chat, onStarted }) {
  const select = element("select");
  select.name = "chat";
  fillChats(select, chat || String(chats.items.length === 1 ? chats.items[0].id : ""));
  ask({
    title: t("extractByHand"),
    parts: [element("p", "meta", t("extractText")), field(t("chat"), select),
      element("div", "pair", field(t("since"), input("since", "date")), field(t("until"), input("until", "date"))),
      element("label", "check", input("again", "checkbox"), element("span", "", t("extractAgain")))],
    go: t("extractGo"),
    send: async (form) => {
      await call("/api/v1/knowledge/extractions", { method: "POST", body: wanted(form) });
      toast(t("extractBegun"));
      onStarted();
    },
  });
}

// All chats with no period is all time.
function wanted(form) {
  const body = period(form);
  if (form.elements.chat.value) body.chat_ids = [Number(form.elements.chat.value)];
  else if (!body.since) body.since = "1970-01-01T00:00:00Z";
  if (form.elements.again.checked) body.again = true;
  return body;
}
