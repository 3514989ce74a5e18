// What was given up: dead letters, found by filters, sent again or deleted, one or all that fit.

import { call, may } from "./api.js";
import { ask } from "./dialogs.js";
import { button, element, options, place } from "./elements.js";
import { LetterCard } from "./letter.js";
import { complain, toast } from "./notices.js";
import { Listing } from "./listing.js";
import { settled } from "./throttle.js";
import { many, t } from "./words.js";

const PATH = "/api/v1/tasks/dead-letters";
const A_PAGE = 20;
const REASONS = ["", "failed", "poison", "undecodable", "actor-not-found"];

export class LetterList {
  // `onChanged` is told when letters were requeued or deleted.
  constructor({ tools, list, empty, more, onChanged }) {
    Object.assign(this, { tools, list, empty, moreButton: more, onChanged });
    this.filter = { queue: "", reason: "", text: "" };
    this.queues = [];
    this.cards = new Map();
    this.listing = new Listing((cursor) => `${PATH}?${new URLSearchParams({ limit: A_PAGE, ...this.given(), ...(cursor ? { cursor } : {}) })}`, (letter) => ({ ...letter, id: letter.sequence }));
    more.addEventListener("click", () => this.listing.more().then(() => this.draw(), complain));
    this.drawTools();
  }

  // The filters that are set.
  given() {
    return Object.fromEntries(Object.entries(this.filter).filter(([, value]) => value));
  }

  knowQueues(queues) {
    const names = queues.map((queue) => queue.queue);
    if (names.join() === this.queues.join()) return;
    this.queues = names;
    options(this.byQueue, [["", t("allQueues")], ...names.map((name) => [name, name])], this.filter.queue);
  }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  drawTools() {
    this.byQueue = element("select");
    options(this.byQueue, [["", t("allQueues")], ...this.queues.map((name) => [name, name])], this.filter.queue);
    const byReason = element("select");
    options(byReason, REASONS.map((reason) => [reason, t(reason ? `reason_${reason}` : "allReasons")]), this.filter.reason);
    const text = Object.assign(element("input"), { type: "search", maxLength: 200, placeholder: t("errorHas"), value: this.filter.text });
    this.byQueue.setAttribute("aria-label", t("queue"));
    byReason.setAttribute("aria-label", t("reason"));
    text.setAttribute("aria-label", t("errorHas"));
    this.byQueue.addEventListener("change", () => this.choose({ queue: this.byQueue.value }));
    byReason.addEventListener("change", () => this.choose({ reason: byReason.value }));
    text.addEventListener("input", settled(() => this.choose({ text: text.value.trim() }), 300));
    this.acts = element("div", "acts", button("act", t("requeueAll"), () => this.all("requeue"), "requeue-all"), button("act bad", t("deleteAll"), () => this.all("delete"), "delete-all"));
    this.tools.replaceChildren(element("h2", "", t("deadLetters")), element("label", "pick", this.byQueue), element("label", "pick", byReason), element("label", "pick words", text), element("span", "grow"), this.acts);
  }

  choose(change) {
    Object.assign(this.filter, change);
    this.listing.clear();
    return this.refresh().catch(complain);
  }

  draw() {
    const { items } = this.listing;
    const known = new Set(items.map((letter) => letter.id));
    for (const id of this.cards.keys()) if (!known.has(id)) this.cards.delete(id);
    place(this.list, items.map((letter) => this.card(letter).node));
    this.list.hidden = items.length === 0;
    this.moreButton.hidden = !this.listing.cursor;
    this.acts.hidden = items.length === 0;
    this.empty.hidden = items.length > 0 || Boolean(this.listing.cursor);
    this.empty.textContent = t(Object.keys(this.given()).length ? "noLettersHere" : "noLetters");
  }

  card(letter) {
    const card = this.cards.get(letter.id) ?? new LetterCard(letter, { onGone: () => this.changed() });
    this.cards.set(letter.id, card);
    return card;
  }

  changed() {
    this.onChanged();
    return this.refresh().catch(complain);
  }

  // In steps of what one request does, until nothing is left; what dies again meanwhile is left alone.
  all(what) {
    const filter = this.given();
    const words = Object.keys(filter).length ? Object.values(filter).map((value) => `“${value}”`).join(", ") : null;
    ask({
      title: t(`${what}All`),
      parts: [element("p", "", words ? t("thoseThatFit", { filters: words }) : t("allLetters")), element("p", "meta", t(`${what}Text`))],
      go: t(what),
      send: async () => {
        let count = 0;
        for (let step = { is_complete: false }; !step.is_complete;) {
          step = await call(`${PATH}/${what}`, { method: "POST", body: { ...filter, all: !words, ...(step.up_to ? { up_to: step.up_to, after: step.after } : {}) } });
          count += step.count;
        }
        toast(many(`${what}dAll`, count));
        await this.changed();
      },
    });
  }

  redraw() {
    this.drawTools();
    this.cards.clear();
    this.list.replaceChildren();
    if (this.listing.loaded && may("admin")) this.draw();
  }
}
