// Changes that were proposed to what is known, field by field, for a person to decide.

import { call } from "./api.js";
import { diff } from "./diff.js";
import { button, element, keepingFocus, place } from "./elements.js";
import { Listing } from "./listing.js";
import { complain } from "./notices.js";
import { confidence } from "./review.js";
import { namedLink, titleOf } from "./titles.js";
import { ago, decimal, t } from "./words.js";

function inWords(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : decimal(value);
  return String(value);
}

export class Drafts {
  constructor({ list, empty, more, onDecided }) {
    Object.assign(this, { list, empty, moreButton: more, onDecided });
    this.rows = new Map();
    this.listing = new Listing((cursor) => `/api/v1/versions?${new URLSearchParams({ status: "draft", limit: 50, ...(cursor ? { cursor } : {}) })}`);
  }

  async refresh() {
    if (await this.listing.refresh()) this.draw();
  }

  async more() {
    await this.listing.more();
    this.draw();
  }

  draw() {
    const { items, cursor } = this.listing;
    const ids = new Set(items.map((version) => version.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    place(this.list, items.map((version) => this.row(version)));
    this.moreButton.hidden = !cursor;
    this.empty.hidden = items.length > 0;
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
    if (this.listing.loaded) this.draw();
  }

  row(version) {
    const row = this.rows.get(version.id) ?? element("li", "draft");
    const said = JSON.stringify(version);
    if (row.said === said) return row;
    row.said = said;
    row.dataset.status = version.status;
    const acts = version.status === "draft"
      ? element("div", "acts", button("act good", t("takeChange"), () => this.decide(version, "approve"), "approve"), button("act bad", t("reject"), () => this.decide(version, "reject"), "reject"))
      : element("p", `state is-${version.status}`, t(version.status === "approved" ? "changeTaken" : "changeRejected"));
    const reason = version.reason ? [element("p", "said", version.reason)] : [];
    keepingFocus(row, () => row.replaceChildren(head(version), ...reason, changes(version), acts));
    this.rows.set(version.id, row);
    return row;
  }

  async decide(version, decision) {
    try {
      const decided = await call(`/api/v1/versions/${version.id}/${decision}`, { method: "POST" });
      this.listing.hold(version.id);
      this.listing.put(decided);
      this.draw();
      this.onDecided();
    } catch (error) {
      complain(error);
      if (error.status === 409) this.refresh().catch(complain);
    }
  }
}

function changes(version) {
  return element("dl", "changes", ...version.changes.map(({ field, before, after }) => {
    const sides = [element("dd"), element("dd")];
    if (field === "topics") Promise.all([before, after].map(namesOf)).then(([old, fresh]) => fill(sides, old, fresh));
    else fill(sides, inWords(before), inWords(after));
    return element("div", "", element("dt", "", t(`field_${field}`, {}, field)), ...sides);
  }));
}

function fill(sides, before, after) {
  const parts = diff(before, after);
  ["before", "after"].forEach((side, place) => sides[place].replaceChildren(element("span", "unseen", `${t(side)}: `), ...parts[place]));
}

// Topics stand in a version as ids.
async function namesOf(ids) {
  const names = await Promise.all((ids ?? []).map(async (id) => (await titleOf("topic", id)) ?? `№${id}`));
  return names.join("\n") || "–";
}

function head(version) {
  const isTopic = version.entity === "topic";
  const facts = element("p", "meta", `${t("versionOf", { number: version.number })} · ${version.created_by ?? t("byExtraction")} · ${ago(version.created_at)}`);
  if (version.similarity !== null) facts.append(` · ${t("similarity", { value: decimal(version.similarity) })}`);
  if (version.confidence !== null) facts.append(" · ", confidence(version.confidence));
  return element("div", "", element("h3", "", element("span", "kind", t(isTopic ? "aTopic" : "anAtom")), " ", namedLink(version.entity, version.entity_id)), facts);
}
