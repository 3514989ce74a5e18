// The atoms of a topic or of all: by type and status, page by page, with review by button and key.

import { call } from "./api.js";
import { AtomCard } from "./atom.js";
import { place } from "./elements.js";
import { keyOf, step } from "./keys.js";
import { Listing } from "./listing.js";
import { learnTitles } from "./titles.js";
import { t } from "./words.js";

const PAGE = 50;
const ONE_BY_ONE = 20;
const KEYS = { a: "approved", r: "rejected", u: "needs_review" };

export class Atoms {
  constructor({ list, empty, more, onDrawn }) {
    Object.assign(this, { list, empty, moreButton: more, onDrawn });
    this.choice = { topic: "", type: "", status: "", run: "" };
    this.cards = new Map();
    this.touched = new Set();
    this.listing = new Listing((cursor) => this.url(cursor));
    list.addEventListener("keydown", (event) => this.onKey(event));
  }

  url(cursor) {
    const { topic, type, status, run } = this.choice;
    const query = new URLSearchParams({ limit: PAGE });
    if (topic) query.set("topic_id", topic);
    if (type) query.set("type", type);
    if (status) query.set("status", status);
    if (run) query.set("run_id", run);
    if (cursor) query.set("cursor", cursor);
    return `/api/v1/atoms?${query}`;
  }

  choose(choice) {
    if (this.listing.loaded && Object.keys(choice).every((name) => this.choice[name] === choice[name])) return this.refresh();
    Object.assign(this.choice, choice);
    this.listing.clear();
    this.fresh = false;
    this.list.ariaBusy = "true";
    return this.refresh();
  }

  touch(id) { this.touched.add(id); }

  // The first page anew, and what a frame named beyond it.
  async refresh() {
    const touched = [...this.touched];
    this.touched.clear();
    if (!(await this.listing.refresh())) return;
    const beyond = touched.filter((id) => this.listing.find(id) && !this.listing.first.has(id));
    await Promise.all(beyond.slice(0, ONE_BY_ONE).map(async (id) => this.listing.put(await call(`/api/v1/atoms/${id}`))));
    this.draw();
    this.fresh = true;
  }

  async more() {
    const before = this.listing.items.length;
    await this.listing.more();
    this.draw({ arriving: false });
    const first = this.listing.items[before];
    if (first) this.cards.get(first.id).node.focus({ preventScroll: true });
  }

  draw({ arriving = true } = {}) {
    const { items, cursor } = this.listing;
    learnTitles("atom", items);
    const cards = items.map((atom) => this.card(atom, arriving));
    const ids = new Set(items.map((atom) => atom.id));
    for (const id of this.cards.keys()) if (!ids.has(id)) this.cards.delete(id);
    place(this.list, cards.map((card) => card.node));
    this.list.ariaBusy = "false";
    this.moreButton.hidden = !cursor;
    this.empty.hidden = items.length > 0;
    this.onDrawn(this);
  }

  card(atom, arriving) {
    const known = this.cards.get(atom.id);
    if (known) { known.update(atom); return known; }
    const card = new AtomCard(atom, { onChanged: (changed) => this.changed(changed), showTopics: () => !this.choice.topic });
    if (this.fresh && arriving) card.node.classList.add("new");
    this.cards.set(atom.id, card);
    return card;
  }

  // Another language: every card anew.
  redraw() {
    this.cards.clear();
    this.fresh = false;
    this.list.replaceChildren();
    if (this.listing.loaded) this.draw();
  }

  changed(atom) {
    this.listing.hold(atom.id);
    this.listing.put(atom);
    this.cards.get(atom.id)?.update(atom);
    this.onDrawn(this);
  }

  unreviewed() {
    return this.listing.items.filter((atom) => atom.status === "needs_review" && !atom.superseded_by);
  }

  onKey(event) {
    const node = event.target.closest(".atom");
    const key = node && keyOf(event);
    if (key === "j" || key === "k") {
      step(node, key === "j" ? "nextElementSibling" : "previousElementSibling");
    } else if (KEYS[key]) {
      this.cards.get(Number(node.dataset.id)).decide(KEYS[key]);
      if (key !== "u") step(node, "nextElementSibling");
    } else {
      return;
    }
    event.preventDefault();
  }

  nothing() {
    const { topic, type, status, run } = this.choice;
    return t(status === "needs_review" ? "nothingToReview" : topic || type || status || run ? "noAtomsHere" : "noAtoms");
  }
}
