// Search by meaning and words: the query and its filters stand in the address.

import { call } from "./api.js";
import { TYPES } from "./atom.js";
import { fillChats } from "./chats.js";
import { anchor, button, element, options, press } from "./elements.js";
import { drawHit } from "./hits.js";
import { complain } from "./notices.js";
import { CLASSES } from "./overview.js";
import { address, go } from "./router.js";
import { many, number, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const PAGE = 20;
const FILTERS = ["kind", "class", "type", "chat_id", "days", "noise"];
const DAYS = [1, 7, 30, 365];
const DAY = 86_400_000;

export class Search {
  constructor() {
    this.query = {};
    this.asked = 0;
    this.items = [];
    $("find").addEventListener("submit", (event) => { event.preventDefault(); this.ask($("q").value.trim()); });
    $("kinds").addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed) this.filter({ kind: pressed.dataset.kind });
    });
    for (const [id, name] of [["by-class", "class"], ["by-type", "type"], ["by-chat", "chat_id"], ["by-time", "days"]]) {
      $(id).addEventListener("change", () => this.filter({ [name]: $(id).value }));
    }
    $("with-noise").addEventListener("change", () => this.filter({ noise: $("with-noise").checked ? "1" : "" }));
    $("more-hits").addEventListener("click", () => this.more().catch(complain));
  }

  ask(q) {
    if (q) go(address("search", { ...this.query, q }));
  }

  filter(change) {
    const query = { ...this.query, ...change };
    if (change.class) query.type = "";
    if (change.type) query.class = "";
    go(address("search", query));
  }

  show({ query }) {
    this.query = { q: (query.get("q") ?? "").trim(), ...Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])) };
    $("q").value = this.query.q;
    this.drawFilters();
    const said = JSON.stringify(this.query);
    if (this.said === said && this.items.length) return null;
    this.said = said;
    return this.run().catch(complain);
  }

  url(cursor) {
    const { q, kind, class: messageClass, type, chat_id: chat, days, noise } = this.query;
    const query = new URLSearchParams({ q, limit: PAGE });
    const given = { kind, class: messageClass, type, chat_id: chat, include_noise: noise && "true", cursor,
      since: days && new Date(Date.now() - days * DAY).toISOString() };
    for (const [name, value] of Object.entries(given)) if (value) query.set(name, value);
    return `/api/v1/search?${query}`;
  }

  async run() {
    const asked = ++this.asked;
    this.items = [];
    if (!this.query.q) return this.draw(null);
    $("hits").ariaBusy = "true";
    try {
      const page = await call(this.url(null));
      if (asked !== this.asked) return;
      this.items = page.items;
      this.draw(page);
    } finally {
      if (asked === this.asked) $("hits").ariaBusy = "false";
    }
  }

  async more() {
    const asked = this.asked;
    const page = await call(this.url(this.page.next_cursor));
    if (asked !== this.asked) return;
    this.items.push(...page.items);
    this.page = page;
    const fresh = page.items.map(drawHit);
    $("hits").append(...fresh);
    fresh[0]?.querySelector("button").focus({ preventScroll: true });
    $("more-hits").hidden = !page.next_cursor;
  }

  draw(page) {
    this.page = page;
    $("hits").replaceChildren(...this.items.map(drawHit));
    $("more-hits").hidden = !page?.next_cursor;
    $("found").textContent = !page ? "" : this.items.length
      ? `${many(page.next_cursor ? "foundFirst" : "found", this.items.length)} · ${t("took", { ms: number(Math.round(page.took_ms)) })}` : "";
    const notes = [page?.degraded, page?.under_filled ? t("underFilled") : null].filter(Boolean);
    $("search-note").hidden = !notes.length;
    $("search-note").textContent = notes.join(" ");
    $("no-hits").hidden = this.items.length > 0;
    $("no-hits").replaceChildren(...(page ? nothing() : examples()));
  }

  drawFilters() {
    const { kind, class: messageClass, type, chat_id: chat, days, noise } = this.query;
    press($("kinds"), $("kinds").querySelector(`[data-kind="${CSS.escape(kind)}"]`));
    options($("by-class"), [["", t("anyClass")], ...CLASSES.map((name) => [name, t(name)])], messageClass);
    options($("by-type"), [["", t("allTypes")], ...TYPES.map((name) => [name, t(name)])], type);
    options($("by-time"), [["", t("anyTime")], ...DAYS.map((count) => [String(count), many("lastDays", count)])], days);
    fillChats($("by-chat"), chat);
    $("by-class").disabled = kind === "atom" || Boolean(type);
    $("by-type").disabled = kind === "message" || Boolean(messageClass);
    $("with-noise").checked = noise === "1";
  }

  refresh() {}

  onFrame() {}

  redraw() {
    this.drawFilters();
    this.draw(this.page ?? null);
  }
}

function examples() {
  const tries = [t("example1"), t("example2"), t("example3")].map((q) => element("li", "", anchor("", address("search", { q }), q)));
  return [element("p", "", t("searchWhat")), element("ul", "examples", ...tries)];
}

function nothing() {
  return [element("p", "", t("nothingFound")), button("act", t("searchAgain"), () => { $("q").focus(); $("q").select(); })];
}
