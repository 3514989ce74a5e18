// The analysis runs, newest first.

import { place } from "./elements.js";
import { Listing } from "./listing.js";
import { RunCard } from "./run.js";
import { t } from "./words.js";

export class Runs {
  constructor({ list, empty, more, onChanged }) {
    Object.assign(this, { list, empty, moreButton: more, onChanged });
    this.project = "";
    this.cards = new Map();
    this.listing = new Listing((cursor) => this.url(cursor), (item) => item.analysis);
  }

  get items() { return this.listing.items; }

  url(cursor) {
    const query = new URLSearchParams({ kind: "analysis", limit: 30 });
    if (this.project) query.set("project_id", this.project);
    if (cursor) query.set("cursor", cursor);
    return `/api/v1/runs?${query}`;
  }

  choose(project) {
    if (project !== this.project) { this.project = project; this.listing.clear(); }
    return this.refresh();
  }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  async more() {
    await this.listing.more();
    this.draw();
  }

  // Takes what a frame tells: a whole run, or how far one is.
  update(run) {
    if (this.listing.find(run.id)) this.listing.put(run);
    else if (!this.project || run.project_id === this.project) this.items.unshift(run);
    this.draw();
  }

  progress({ run_id: id, batches_done, batches_total }) {
    const run = this.listing.find(id);
    if (run) this.update({ ...run, batches_done: Math.max(run.batches_done, batches_done), batches_total });
  }

  draw() {
    const ids = new Set(this.items.map((run) => run.id));
    for (const id of this.cards.keys()) if (!ids.has(id)) this.cards.delete(id);
    place(this.list, this.items.map((run) => this.card(run).node));
    this.moreButton.hidden = !this.listing.cursor;
    this.empty.hidden = this.items.length > 0;
    this.empty.textContent = t("noWorkRuns");
    this.onChanged();
  }

  card(run) {
    const known = this.cards.get(run.id);
    if (known) { known.update(run); return known; }
    const card = new RunCard(run, { onChanged: (changed) => this.update(changed) });
    this.cards.set(run.id, card);
    return card;
  }

  redraw() {
    this.cards.clear();
    this.list.replaceChildren();
    if (this.listing.loaded) this.draw();
  }
}
