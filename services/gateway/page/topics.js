// The topics beside the atoms: found by name, in an order that does not jump while one reads.

import { anchor, element, place } from "./elements.js";
import { Listing } from "./listing.js";
import { many, number, t } from "./words.js";

const PAGE = 200;

export class Topics {
  constructor({ list, empty, more, search }) {
    Object.assign(this, { list, empty, moreButton: more, search });
    this.rows = new Map();
    this.order = new Map();
    this.chosen = "";
    this.listing = new Listing((cursor) => this.url(cursor));
  }

  url(cursor) {
    const query = new URLSearchParams({ limit: PAGE });
    if (this.search.value.trim()) query.set("search", this.search.value.trim());
    if (cursor) query.set("cursor", cursor);
    return `/api/v1/topics?${query}`;
  }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  async more() {
    await this.listing.more();
    for (const topic of this.listing.items) if (!this.order.has(topic.id)) this.order.set(topic.id, this.order.size);
    this.draw();
  }

  find(id) { return this.listing.find(Number(id)); }

  choose(id) {
    this.chosen = id;
    for (const [topicId, row] of this.rows) mark(row, String(topicId) === id);
  }

  put(topic) {
    this.listing.put(topic);
    this.draw();
  }

  // The largest first, as they stood when the list was first shown; new ones come on top, rejected ones last.
  sorted() {
    const added = this.listing.items.filter((topic) => !this.order.has(topic.id)).sort((a, b) => a.atoms - b.atoms);
    for (const topic of added) this.order.set(topic.id, -this.order.size);
    return [...this.listing.items].sort((a, b) => (a.status === "rejected") - (b.status === "rejected") || this.order.get(a.id) - this.order.get(b.id));
  }

  draw() {
    const topics = this.sorted();
    const ids = new Set(topics.map((topic) => topic.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    place(this.list, topics.map((topic) => this.row(topic)));
    // A sign that all have tells nothing.
    this.list.classList.toggle("all-wait", topics.every((topic) => topic.status === "needs_review"));
    this.moreButton.hidden = !this.listing.cursor;
    this.empty.hidden = topics.length > 0;
    this.empty.textContent = t(this.search.value.trim() ? "noSuchTopic" : "noTopics");
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
    if (this.listing.loaded) this.draw();
  }

  row(topic) {
    const said = JSON.stringify([topic.name, topic.icon, topic.colour, topic.status, topic.atoms, topic.drafts]);
    const row = this.rows.get(topic.id) ?? element("li", "");
    if (row.said !== said) {
      row.said = said;
      const link = row.firstChild ?? anchor("", `#/knowledge/topic/${topic.id}`);
      link.replaceChildren(tile(topic), element("span", "name", topic.name), ...signs(topic), element("span", "count", number(topic.atoms)));
      link.title = `${topic.name} · ${many("atoms", topic.atoms)} · ${many("ofMessages", topic.messages)} · ${t(topic.status)}`;
      row.dataset.status = topic.status;
      row.replaceChildren(link);
      this.rows.set(topic.id, row);
    }
    mark(row, String(topic.id) === this.chosen);
    return row;
  }
}

function signs(topic) {
  const waits = topic.status === "needs_review" ? element("i", "waits") : null;
  waits?.setAttribute("role", "img");
  waits?.setAttribute("aria-label", t("needs_review"));
  return [waits, topic.drafts ? element("span", "badge", many("drafts", topic.drafts)) : null].filter(Boolean);
}

function mark(row, isChosen) {
  if (isChosen) row.firstChild.setAttribute("aria-current", "page");
  else row.firstChild.removeAttribute("aria-current");
}

export function tile(topic) {
  const made = element("span", "tile", topic.icon);
  made.setAttribute("aria-hidden", "true");
  made.style.setProperty("--topic", topic.colour);
  return made;
}
