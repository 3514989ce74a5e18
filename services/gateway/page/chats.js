// The chats that there are, known to every view.

import { call } from "./api.js";
import { options } from "./elements.js";
import { t } from "./words.js";

export const chats = { items: [] };

export async function loadChats() {
  chats.items = (await call("/api/v1/chats")).items;
}

// A chat may have had several ids.
export function chatOf(id) {
  return chats.items.find((chat) => chat.id === id || (chat.ids ?? []).includes(id));
}

export function chatTitle(id) {
  return chatOf(id)?.title ?? t("untitled");
}

export function fillChats(select, chosen) {
  options(select, [["", t("allChats")], ...chats.items.map((chat) => [String(chat.id), chat.title ?? t("untitled")])], chosen);
}
