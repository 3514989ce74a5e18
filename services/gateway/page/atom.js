// One atom as a card: what it says, how sure it is, what proves it, and what a person decides.

import { call } from "./api.js";
import { editForm } from "./edit.js";
import { anchor, button, drawPart, element, icon } from "./elements.js";
import { isBasic } from "./engine.js";
import { foldable, isLong } from "./folding.js";
import { fillLinks } from "./links.js";
import { marked, quoteRange } from "./marks.js";
import { reason } from "./notices.js";
import { drawQuotes } from "./quotes.js";
import { confidence, review, reviewButtons, stateBadge } from "./review.js";
import { namedLink } from "./titles.js";
import { day, t } from "./words.js";

export const TYPES = ["decision", "problem", "solution", "question", "requirement", "insight", "pattern"];

const folded = (text) => text.trim().replace(/\s+/g, " ");

export function typeBadge(type) {
  return element("span", `type of-${type}`, icon(type), t(type));
}

export class AtomCard {
  // `onChanged` gets the record after a decision or an edit here.
  constructor(atom, { onChanged, showTopics = () => true }) {
    Object.assign(this, { onChanged, showTopics });
    this.node = element("li", "atom");
    this.node.tabIndex = -1;
    this.node.dataset.id = atom.id;
    this.parts = { top: element("div", "atom-top"), body: element("div", "atom-body"), quotes: element("div"), foot: element("div", "atom-foot") };
    this.links = element("div", "links-of");
    this.node.append(element("i", "rail"), element("div", "", ...Object.values(this.parts)));
    this.update(atom);
    if (atom.links) fillLinks(this.links, atom.id);
  }

  // Draws only what changed: what was unfolded, and what has the focus, stays.
  update(atom) {
    this.atom = atom;
    this.node.dataset.type = atom.type;
    this.node.dataset.status = atom.status;
    this.node.dataset.superseded = Boolean(atom.superseded_by);
    this.part("top", [atom.type, atom.status, atom.confidence, atom.superseded_by, atom.reviewed_by, atom.rule_id], () => this.top());
    if (!this.editing) this.part("body", [atom.title, atom.content, atom.citations, atom.superseded_by, atom.supersedes, atom.valid_to, atom.merged_into, atom.drafts], () => this.body());
    const isSaid = !this.editing && this.quoted().length > 0;
    this.part("quotes", [atom.citations, isSaid], () => [drawQuotes(atom.citations, isSaid)]);
    this.part("foot", [atom.status, atom.topics, this.showTopics()], () => this.foot());
  }

  part(name, on, draw) {
    drawPart(this.parts[name], on, draw);
  }

  top() {
    const { type, status, confidence: value, superseded_by: replaced } = this.atom;
    const state = replaced ? element("span", "state is-superseded", t("superseded")) : status === "needs_review" ? null : stateBadge(this.atom);
    const byRules = this.atom.basic_mode && !isBasic("knowledge_extractor") ? element("span", "", t("byRules")) : null;
    return [typeBadge(type), confidence(value), byRules, element("span", "grow"), state].filter(Boolean);
  }

  body() {
    const { title, content, drafts } = this.atom;
    return [element("h3", "", title), this.repeats() ? null : this.text(content), ...this.replacements(),
      drafts ? anchor("hint", "#/knowledge/changes", t("hasDrafts")) : null].filter(Boolean);
  }

  // Whether the content says nothing but what the title or a quote says.
  repeats() {
    const { title, content, citations } = this.atom;
    return [title, ...citations.map((citation) => citation.quote)].some((text) => folded(text) === folded(content));
  }

  // Where the only quote stands in the content: shown there, it need not be shown twice.
  quoted() {
    const { content, citations } = this.atom;
    const isOne = citations.length === 1 && !isLong(content) && !this.repeats();
    return isOne ? quoteRange(content, citations[0].quote) : [];
  }

  text(content) {
    return foldable(content, marked(content, this.quoted(), "q"));
  }

  // The atom that took this one over, the decision that holds instead of it, and those that it replaces.
  replacements() {
    const { merged_into: kept, superseded_by: later, supersedes = [], valid_to: until, status } = this.atom;
    const merged = kept ? [element("p", "replaced", `${t("mergedInto")} `, namedLink("atom", kept))] : [];
    const now = later ? [element("p", "replaced", `${until ? t("supersededSince", { day: day(until) }) : t("supersededBy")} `, namedLink("atom", later))] : [];
    return [...merged, ...now, ...supersedes.map((id) => element("p", "replaced", `${t(status === "approved" ? "replaces" : "wouldReplace")} `, namedLink("atom", id)))];
  }

  foot() {
    const { topics, status } = this.atom;
    const buttons = element("div", "acts", ...reviewButtons(status, (next) => this.decide(next)), button("quiet", t("edit"), () => this.edit(), "edit"));
    const shown = this.showTopics() ? topics.map((topic) => topicChip(topic)) : [];
    return [buttons, this.links, ...shown];
  }

  async decide(status) {
    if (this.node.ariaBusy === "true" || status === this.atom.status) return;
    this.node.ariaBusy = "true";
    const changed = await review("atoms", this.atom.id, status);
    this.node.ariaBusy = "false";
    if (!changed) return;
    this.update(changed);
    this.onChanged(changed);
  }

  edit() {
    if (this.editing) return;
    this.editing = true;
    const { id, type, title, content } = this.atom;
    const form = editForm({
      fields: [
        { name: "type", label: "typeOf", value: type, choices: TYPES.map((name) => [name, t(name)]) },
        { name: "title", label: "titleOf", value: title, required: true, longest: 200 },
        { name: "content", label: "contentOf", value: content, required: true, lines: 5, longest: 8000 },
      ],
      send: (body) => call(`/api/v1/atoms/${id}`, { method: "PATCH", body }),
      onDone: (changed) => this.edited(changed),
      explain: reason,
    });
    this.parts.body.replaceChildren(form);
    this.update(this.atom);
    form.elements.title.focus();
  }

  edited(changed) {
    this.editing = false;
    this.parts.body.said = "";
    this.update(changed ?? this.atom);
    this.parts.foot.querySelector('[data-do="edit"]')?.focus({ preventScroll: true });
    if (changed) this.onChanged(changed);
  }
}

export function topicChip(topic) {
  const chip = anchor("topic-chip", `#/knowledge/topic/${topic.id}`, element("span", "", topic.icon), topic.name);
  chip.style.setProperty("--topic", topic.colour);
  return chip;
}
