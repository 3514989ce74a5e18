// The extractions, newest first: what each found, dropped, cost, or why it failed.

import { call } from "./api.js";
import { anchor, button, element, keepingFocus, place } from "./elements.js";
import { Listing } from "./listing.js";
import { complain } from "./notices.js";
import { address } from "./router.js";
import { ago, dollars, list as inOne, many, t } from "./words.js";

export const OPEN = ["pending", "running"];

const FOUND = ["topics_created", "atoms_created", "atoms_merged", "links_created", "versions_created"];
const DROPPED = ["quotes_dropped", "atoms_dropped", "atoms_refused"];

const counted = (run, names) => names.filter((name) => run[name]).map((name) => many(name, run[name]));

// What an extraction came to, in a sentence.
export function outcome(run) {
  if (run.status === "failed") return run.failure ?? t("failed");
  if (OPEN.includes(run.status)) return extracting([run]);
  if (run.status === "cancelled") return run.failure ?? t("cancelled");
  const found = counted(run, FOUND);
  return found.length ? inOne(found) : t("foundNothing");
}

// What runs now, with what it has found so far.
export function extracting(runs) {
  const sum = (name) => runs.reduce((total, run) => total + run[name], 0);
  const found = FOUND.slice(0, 2).filter(sum).map((name) => many(name, sum(name)));
  return [many("extracting", sum("messages")), ...found].join(" · ");
}

export function caveats(run) {
  return [...counted(run, DROPPED), run.stopped_by ? t(run.stopped_by) : null].filter(Boolean);
}

export class Extractions {
  constructor({ list, empty, more, onChanged }) {
    Object.assign(this, { list, empty, moreButton: more, onChanged });
    this.rows = new Map();
    this.listing = new Listing((cursor) => `/api/v1/knowledge/extractions?${new URLSearchParams({ limit: 20, ...(cursor ? { cursor } : {}) })}`);
  }

  get items() { return this.listing.items; }

  get isRunning() { return this.items.some((run) => OPEN.includes(run.status)); }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  async more() {
    await this.listing.more();
    this.draw();
  }

  // Takes what a frame tells.
  update(run) {
    if (this.listing.find(run.id)) this.listing.put(run);
    else this.items.unshift(run);
    this.draw();
  }

  draw() {
    place(this.list, this.items.map((run) => this.row(run)));
    this.moreButton.hidden = !this.listing.cursor;
    this.empty.hidden = this.items.length > 0;
    this.onChanged();
  }

  redraw() {
    this.rows.clear();
    if (this.listing.loaded) this.draw();
  }

  row(run) {
    const row = this.rows.get(run.id) ?? element("li", "run");
    const said = JSON.stringify(run);
    if (row.said !== said) {
      row.said = said;
      row.dataset.status = run.status;
      keepingFocus(row, () => row.replaceChildren(...this.parts(run)));
      this.rows.set(run.id, row);
    }
    return row;
  }

  parts(run) {
    const state = element("span", "state", t(run.status));
    const with_ = run.basic_mode ? t("basicMode") : [run.provider_name, run.model].filter(Boolean).join(" · ");
    const facts = [run.started_by ? t("startedBy", { who: run.started_by }) : t(`trigger_${run.trigger}`), ago(run.created_at), many("fromMessages", run.messages), with_];
    if (run.cost) facts.push(dollars(run.cost));
    if (run.input_tokens || run.output_tokens) facts.push(many("tokens", run.input_tokens + run.output_tokens));
    if (run.cached_calls) facts.push(many("cachedCalls", run.cached_calls));
    const notes = caveats(run);
    const parts = [element("div", "top", element("p", "", outcome(run)), state), element("p", "meta", facts.filter(Boolean).join(" · "))];
    if (notes.length) parts.push(element("p", "note", `${notes.join(". ")}.`));
    if (run.atoms_created) parts.push(anchor("hint", address("knowledge", { run: run.id }), t("whatItFound")));
    if (OPEN.includes(run.status)) parts.push(this.stop(run));
    return parts;
  }

  stop(run) {
    return button("act", t("cancel"), async (event) => {
      event.currentTarget.disabled = true;
      await cancel(run).then((changed) => { if (changed) this.update(changed); }, complain);
    }, "cancel");
  }
}

export function cancel(run) {
  return call(`/api/v1/knowledge/extractions/${run.id}/cancel`, { method: "POST" });
}
