// Search by meaning and words: the query and its filters stand in the address.

import { call } from "./api.js";
import { TYPES } from "./atom.js";
import { fillChats } from "./chats.js";
import { anchor, button, element, options, press } from "./elements.js";
import { Failures } from "./failures.js";
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
    this.failures = new Failures({ box: $("search-wrong"), retry: () => this.run() });
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
    if (!DAYS.includes(Number(this.query.days))) this.query.days = "";
    $("q").value = this.query.q;
    this.drawFilters();
    const said = JSON.stringify(this.query);
    if (this.said === said && this.items.length) return null;
    this.said = said;
    return this.run();
  }

  url(cursor) {
    const { q, kind, class: messageClass, type, chat_id: chat, noise } = this.query;
    const query = new URLSearchParams({ q, limit: PAGE });
    const given = { kind, class: messageClass, type, chat_id: chat, include_noise: noise && "true", since: this.since, cursor };
    for (const [name, value] of Object.entries(given)) if (value) query.set(name, value);
    return `/api/v1/search?${query}`;
  }

  // Never throws: what went wrong stands in the place of the hits.
  run() {
    const asked = ++this.asked;
    const { q, days } = this.query;
    // Once a search: its further pages are of the same period.
    this.since = days && new Date(Date.now() - days * DAY).toISOString();
    return this.failures.watch("search", async () => {
      $("hits").ariaBusy = String(Boolean(q));
      try {
        const page = q ? await call(this.url(null)) : null;
        if (asked === this.asked) this.draw(page, page?.items ?? []);
      } catch (error) {
        if (asked !== this.asked) return;
        this.draw(null, []);
        $("no-hits").hidden = true;
        throw error;
      } finally {
        if (asked === this.asked) $("hits").ariaBusy = "false";
      }
    });
  }

  async more() {
    const asked = this.asked;
    $("more-hits").disabled = true;
    try {
      const page = await call(this.url(this.page.next_cursor));
      if (asked !== this.asked) return;
      const fresh = page.items.map(drawHit);
      $("hits").append(...fresh);
      fresh[0]?.querySelector("button").focus({ preventScroll: true });
      this.items.push(...page.items);
      this.drawAround(page);
    } finally {
      $("more-hits").disabled = false;
    }
  }

  draw(page, items) {
    this.items = items;
    $("hits").replaceChildren(...items.map(drawHit));
    this.drawAround(page);
    $("no-hits").hidden = items.length > 0;
    $("no-hits").replaceChildren(...(page ? nothing() : examples()));
  }

  // What is said about the hits, as the latest page has it.
  drawAround(page) {
    this.page = page;
    $("more-hits").hidden = !page?.next_cursor;
    $("found").textContent = this.items.length
      ? `${many(page.next_cursor ? "foundFirst" : "found", this.items.length)} · ${t("took", { ms: number(Math.round(page.took_ms)) })}` : "";
    const notes = [page?.degraded, page?.under_filled ? t("underFilled") : null].filter(Boolean);
    $("search-note").hidden = !notes.length;
    $("search-note").textContent = notes.join(" ");
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
    this.failures.draw();
    if (!this.failures.failing.size) this.draw(this.page ?? null, this.items);
  }
}

function examples() {
  const tries = [t("example1"), t("example2"), t("example3")].map((q) => element("li", "", anchor("", address("search", { q }), q)));
  return [element("p", "", t("searchWhat")), element("ul", "examples", ...tries)];
}

function nothing() {
  return [element("p", "", t("nothingFound")), button("act", t("searchAgain"), () => { $("q").focus(); $("q").select(); })];
}
