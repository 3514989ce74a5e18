// The messages: the newest or the strongest, by class and chat, each with its score and the reasons for it.

import { call } from "./api.js";
import { element, place } from "./elements.js";
import { face } from "./faces.js";
import { CLASSES } from "./overview.js";
import { decimal, number, percent, t, when } from "./words.js";

const PAGE = 50;
const STRONG = 0.5;
const STRONGEST = 200;

export class Feed {
  constructor({ list, empty, note, more, onError, onJudged }) {
    Object.assign(this, { list, empty, note, moreButton: more, onError, onJudged });
    this.choice = { order: "newest", messageClass: "", chat: "" };
    this.items = [];
    this.notes = [];
    this.cursor = null;
    this.rows = new Map();
    this.open = new Set();
    this.asked = 0;
    this.fresh = false;
  }

  choose(change) {
    Object.assign(this.choice, change);
    this.items = [];
    this.cursor = null;
    this.fresh = false;
    return this.refresh();
  }

  url(cursor) {
    const { order, messageClass, chat } = this.choice;
    const query = new URLSearchParams({ limit: order === "strongest" ? STRONGEST : PAGE });
    if (messageClass) query.set("class", messageClass);
    else if (order === "strongest") query.set("min_score", STRONG);
    if (chat) query.set("chat_id", chat);
    if (cursor) query.set("cursor", cursor);
    return `/api/v1/messages?${query}`;
  }

  // Asks for the first page again and puts it before what was loaded beyond it.
  async refresh() {
    const asked = ++this.asked;
    const page = await call(this.url(null));
    if (asked !== this.asked) return;
    const known = new Set(page.items.map((item) => item.id));
    const last = page.items.at(-1);
    const beyond = last ? this.items.filter((item) => !known.has(item.id) && isBefore(item, last)) : [];
    if (!beyond.length) this.cursor = page.next_cursor;
    this.items = [...page.items, ...beyond];
    this.notes = page.notes ?? [];
    this.draw();
    this.fresh = true;
  }

  async more() {
    const page = await call(this.url(this.cursor));
    const known = new Set(this.items.map((item) => item.id));
    this.items.push(...page.items.filter((item) => !known.has(item.id)));
    this.cursor = page.next_cursor;
    this.draw();
  }

  draw() {
    const shown = [...this.items];
    if (this.choice.order === "strongest") shown.sort((a, b) => (b.score?.importance_score ?? 0) - (a.score?.importance_score ?? 0));
    const rows = shown.map((item) => this.row(item));
    const ids = new Set(shown.map((item) => item.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    place(this.list, rows);
    this.moreButton.hidden = !this.cursor;
    this.note.hidden = !this.notes.length;
    this.note.textContent = this.notes.join(" ");
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = this.choice.messageClass || this.choice.chat || this.choice.order !== "newest" ? t("noneHere") : t("none");
  }

  row(item) {
    const said = JSON.stringify([item, this.open.has(item.id), document.documentElement.lang]);
    const old = this.rows.get(item.id);
    if (old?.said === said) return old;
    const row = old ?? element("li", "message");
    if (!old && this.fresh) row.classList.add("new");
    row.said = said;
    const isOpen = this.open.has(item.id);
    row.dataset.open = isOpen;
    row.dataset.class = item.score?.message_class ?? "";
    const head = this.head(item, isOpen);
    const hadFocus = row.contains(document.activeElement) && document.activeElement === row.firstChild;
    row.replaceChildren(head, ...(isOpen ? [this.why(item)] : []));
    if (hadFocus) head.focus();
    this.rows.set(item.id, row);
    return row;
  }

  head(item, isOpen) {
    const scored = item.score;
    const who = element("div", "who", face(item.author), element("b", "", item.author?.name ?? t("nobody")),
      element("span", "", item.chat.title ?? t("untitled")), element("time", "", when(item.sent_at)));
    who.lastChild.dateTime = item.sent_at;
    if (item.edited_at) who.append(element("span", "", `· ${t("edited")}`));
    const score = scored
      ? element("div", "score", element("b", "", decimal(scored.importance_score)), element("span", `is-${scored.message_class}`, t(scored.message_class)))
      : element("div", "score", element("b", "", "–"), element("span", "", t("unscored")));
    const head = element("button", "", element("i", `rail ${scored ? `of-${scored.message_class}` : ""}`),
      element("div", "", who, element("div", item.has_text ? "text" : "text media", item.text)), score);
    head.type = "button";
    head.setAttribute("aria-expanded", isOpen);
    head.addEventListener("click", () => {
      if (this.open.has(item.id)) this.open.delete(item.id);
      else this.open.add(item.id);
      this.draw();
    });
    return head;
  }

  why(item) {
    const scored = item.score;
    const factors = element("dl", "factors");
    for (const [name, factor] of Object.entries(scored?.noise_factors ?? {})) {
      if (typeof factor !== "object" || factor === null || typeof factor.value !== "number") continue;
      const bar = element("i", `of-${scored.message_class}`);
      bar.style.width = percentage(factor.value);
      const meter = element("div", "meter", bar);
      meter.setAttribute("role", "img");
      meter.setAttribute("aria-label", percent(factor.value));
      factors.append(element("div", "", element("dt", "", t(name)), element("dd", "", meter), element("dd", "", reckoning(factor))));
    }
    const meta = scored
      ? `${t("version", { version: scored.scorer_version })} · ${when(scored.scored_at)} · №${number(item.id)}`
      : `№${number(item.id)}`;
    return element("div", "why", factors.children.length ? factors : null, this.judge(item),
      scored?.corrected_by ? element("p", "meta", t("corrected", { who: scored.corrected_by, scored: t(scored.scored_class) })) : null,
      element("p", "meta", meta));
  }

  judge(item) {
    const bar = element("div", "judge", element("span", "", t("judge")));
    for (const name of CLASSES) {
      const button = element("button", "", t(name));
      button.type = "button";
      button.setAttribute("aria-pressed", item.score?.corrected_by !== undefined && item.score?.corrected_by !== null && item.score.message_class === name);
      button.addEventListener("click", () => this.correct(item, { method: "PUT", body: { message_class: name } }));
      bar.append(button);
    }
    if (item.score?.corrected_by) {
      const back = element("button", "", t("takeBack"));
      back.type = "button";
      back.addEventListener("click", () => this.correct(item, { method: "DELETE" }));
      bar.append(back);
    }
    return bar;
  }

  async correct(item, request) {
    try {
      const score = await call(`/api/v1/messages/${item.id}/feedback`, request);
      const place = this.items.findIndex((one) => one.id === item.id);
      if (place >= 0) this.items[place] = { ...this.items[place], score };
      this.draw();
      this.onJudged();
    } catch (error) {
      this.onError(error);
    }
  }
}

const percentage = (value) => `${Math.max(0, Math.min(1, value)) * 100}%`;

function reckoning(factor) {
  if (typeof factor.contribution === "number") return `${factor.contribution >= 0 ? "+" : "−"}${decimal(Math.abs(factor.contribution))}`;
  return t("value", { value: decimal(factor.value), weight: decimal(factor.weight ?? 1) });
}

function isBefore(item, other) {
  return item.sent_at < other.sent_at || (item.sent_at === other.sent_at && item.id < other.id);
}
