// The chats that the account is in, and choosing those whose history is imported.

import { call } from "./api.js";
import { alertLine, ask, field, input, onSend } from "./dialogs.js";
import { button, element } from "./elements.js";
import { complain, toast } from "./notices.js";
import { settled } from "./throttle.js";
import { many, t, when } from "./words.js";

const SHOWN = 50;
const MOST = 100;
const TYPING = 300;

export class TelegramChats {
  constructor({ onBegun }) {
    Object.assign(this, { onBegun, items: [], cursor: null, asked: 0, chosen: new Map(), node: element("div", "history-chats") });
    this.find = settled(() => this.refresh().catch((error) => this.say(error)), TYPING);
    this.build();
  }

  build() {
    this.search = input("search", "search", { maxLength: 200, autocomplete: "off", value: this.search?.value ?? "" });
    this.search.addEventListener("input", () => this.find());
    this.search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    this.since = input("since", "date", { value: this.since?.value ?? "" });
    this.list = element("ul", "choices");
    this.list.setAttribute("aria-label", t("chatsOfAccount"));
    this.note = element("p", "meta");
    this.note.setAttribute("role", "status");
    this.wrong = alertLine();
    this.submit = element("button", "primary", t("importChats"));
    this.moreButton = button("act", t("more"), () => this.more().catch(complain), "more-chats");
    const form = element("form", "edit", field(t("findChat"), this.search), this.list, this.note, this.moreButton,
      field(t("historySince"), this.since, t("historySinceHint")), this.wrong, element("div", "acts", this.submit));
    onSend(form, { submit: this.submit, wrong: this.wrong, send: () => this.begin() });
    form.addEventListener("submit", () => setTimeout(() => this.drawSubmit()));
    this.node.replaceChildren(form);
    this.draw();
  }

  redraw() { this.build(); }

  clear() {
    this.items = [];
    this.chosen.clear();
    this.build();
  }

  say(error) {
    if (error.status === 401) complain(error);
    else this.wrong.textContent = error.message;
  }

  address(cursor) {
    const search = this.search.value.trim();
    return `/api/v1/telegram/chats?${new URLSearchParams({ limit: SHOWN, ...(search ? { search } : {}), ...(cursor ? { cursor } : {}) })}`;
  }

  async refresh() {
    const asked = ++this.asked;
    const page = await call(this.address(null));
    if (asked !== this.asked) return;
    this.wrong.textContent = "";
    this.take(page, page.items);
  }

  async more() {
    const asked = this.asked;
    const page = await call(this.address(this.cursor));
    if (asked === this.asked) this.take(page, [...this.items, ...page.items]);
  }

  take(page, items) {
    Object.assign(this, { items, cursor: page.next_cursor, listedAt: page.listed_at });
    this.draw();
  }

  draw() {
    const had = this.list.contains(document.activeElement) ? document.activeElement.value : null;
    this.list.replaceChildren(...this.items.map((chat) => this.row(chat)));
    if (had) this.list.querySelector(`input[value="${CSS.escape(had)}"]`)?.focus({ preventScroll: true });
    this.note.textContent = this.items.length ? (this.listedAt ? t("chatsListed", { when: when(this.listedAt) }) : "") : this.listedAt ? t("noChatsFound") : "";
    this.moreButton.hidden = !this.cursor;
    this.drawSubmit();
  }

  row(chat) {
    const box = input("chat", "checkbox", { value: String(chat.telegram_id), checked: this.chosen.has(chat.telegram_id) });
    box.addEventListener("change", () => {
      if (box.checked) this.chosen.set(chat.telegram_id, chat);
      else this.chosen.delete(chat.telegram_id);
      this.drawSubmit();
    });
    const facts = [t(`chat_${chat.type}`), chat.username ? `@${chat.username}` : null, chat.messages ? many("messagesHere", chat.messages) : t("nothingHere")];
    return element("li", "", element("label", "check", box, element("span", "", element("b", "", titleOf(chat)),
      chat.is_private ? element("span", "badge held", t("privateChat")) : null, element("span", "meta", facts.filter(Boolean).join(" · ")))));
  }

  drawSubmit() {
    const { size } = this.chosen;
    this.submit.textContent = size ? many("importSome", size) : t("importChats");
    this.submit.disabled = size === 0 || size > MOST;
  }

  async begin() {
    const talks = [...this.chosen.values()].filter((chat) => chat.is_private);
    if (!talks.length) return this.send(false);
    ask({
      title: many("readPrivate", talks.length),
      parts: [element("p", "", t("readPrivateText")), element("ul", "hints", ...talks.map((chat) => element("li", "", titleOf(chat))))],
      go: t("readThemToo"),
      send: () => this.send(true),
    });
  }

  async send(isPrivate) {
    const since = this.since.value ? { since: new Date(`${this.since.value}T00:00`).toISOString() } : {};
    await call("/api/v1/ingestion/jobs", { method: "POST", body: { chat_ids: [...this.chosen.keys()], ...since, include_private: isPrivate } });
    toast(t("historyBegun"));
    this.chosen.clear();
    this.draw();
    this.onBegun();
  }
}

const titleOf = (chat) => chat.title ?? chat.username ?? String(chat.telegram_id);
