// A message among its neighbours: what was said just before and after it.

import { call } from "./api.js";
import { element, time } from "./elements.js";
import { marked, quoteRange } from "./marks.js";
import { t, when } from "./words.js";

const BEFORE = 3;
const AFTER = 3;
const SILENCE = 30 * 60 * 1000;

const query = (values) => `/api/v1/messages?${new URLSearchParams(values)}`;

// The message is looked up by its id: its chat may have another id by now, and its time is what orders it.
async function neighbours(messageId) {
  const message = await call(`/api/v1/messages/${messageId}`);
  const sent = new Date(message.sent_at);
  const [earlier, later] = await Promise.all([
    call(query({ chat_id: message.chat.id, until: message.sent_at, limit: BEFORE })),
    call(query({ chat_id: message.chat.id, since: message.sent_at, until: new Date(sent.getTime() + SILENCE).toISOString(), limit: 200 })),
  ]);
  const after = later.items.filter((one) => one.id !== message.id).reverse().slice(0, AFTER);
  return [...earlier.items.reverse(), message, ...after];
}

export async function drawContext(messageId, quote) {
  const messages = await neighbours(messageId);
  const lines = messages.map((message) => {
    const own = message.id === messageId;
    const text = own && quote ? marked(message.text, quoteRange(message.text, quote)) : [message.text];
    const who = element("div", "who", element("b", "", message.author?.name ?? t("nobody")), time("", message.sent_at, when(message.sent_at)));
    if (message.edited_at) who.append(element("span", "", `· ${t("edited")}`));
    const line = element("li", "", who, element("div", "text", ...text));
    if (own) line.setAttribute("aria-current", "true");
    return line;
  });
  const chat = element("p", "meta", messages.find((message) => message.id === messageId).chat.title ?? t("untitled"));
  return element("div", "context", chat, element("ol", "", ...lines));
}
