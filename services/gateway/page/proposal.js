// One proposal as a card: what to do, how urgent and how sure it is, what proves it, and what a person decides.

import { call } from "./api.js";
import { decide, revert } from "./decisions.js";
import { editForm } from "./edit.js";
import { anchor, button, drawPart, element, icon } from "./elements.js";
import { foldable } from "./folding.js";
import { askToMerge } from "./merging.js";
import { complain, reason } from "./notices.js";
import { drawQuotes } from "./quotes.js";
import { confidence } from "./review.js";
import { address } from "./router.js";
import { namedLink } from "./titles.js";
import { decimal, list as inOne, t } from "./words.js";

export const CATEGORIES = ["bug", "feature", "improvement", "question", "docs", "chore"];
export const PRIORITIES = ["critical", "high", "medium", "low"];

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

export class ProposalCard {
  // `onChanged` gets the proposals that a decision here has changed; nothing is taken back once `isClosed` says so.
  // `isAlone` is a card outside of its run, with a way there and without a choice.
  constructor(proposal, { onChanged, onChosen = () => {}, isClosed = () => false, isAlone = false }) {
    Object.assign(this, { onChanged, onChosen, isClosed, isAlone });
    this.node = element("li", "atom proposal");
    this.node.tabIndex = -1;
    this.node.dataset.id = proposal.id;
    this.choice = Object.assign(element("input"), { type: "checkbox" });
    this.choice.addEventListener("change", () => this.onChosen());
    this.parts = { top: element("div", "atom-top"), body: element("div", "atom-body"), quotes: element("div"), why: element("div"), foot: element("div", "atom-foot") };
    this.node.append(element("i", "rail"), element("div", "", ...Object.values(this.parts)));
    this.update(proposal);
  }

  get isChosen() { return this.choice.checked; }

  get waits() { return this.proposal.status === "pending"; }

  choose(isChosen = !this.choice.checked) {
    this.choice.checked = isChosen && this.waits;
    this.onChosen();
  }

  // Draws only what changed.
  update(proposal) {
    this.proposal = proposal;
    const { category, priority, status, title, novelty, similar, quotes, reasoning, recommendation, atom_ids: atoms } = proposal;
    this.node.dataset.category = category;
    this.node.dataset.status = status;
    this.choice.setAttribute("aria-label", t("chooseOne", { title }));
    if (!this.waits) this.choice.checked = false;
    this.choice.hidden = !this.waits || this.isAlone;
    drawPart(this.parts.top, [category, priority, status, proposal.confidence, proposal.decided_by, proposal.basic_mode, proposal.edited, proposal.recommendation], () => this.top());
    if (!this.editing) drawPart(this.parts.body, [title, proposal.description, proposal.sub_tasks, proposal.tags, proposal.component, proposal.details, novelty, similar, proposal.merged_into, proposal.reason], () => this.body());
    drawPart(this.parts.quotes, quotes, () => [drawQuotes(quotes.map(({ author_name: author, ...quote }) => ({ ...quote, author })))]);
    drawPart(this.parts.why, [reasoning, recommendation, atoms], () => [why(proposal, this.isAlone)]);
    drawPart(this.parts.foot, [status, this.isClosed()], () => this.foot());
  }

  top() {
    const { category, priority, status, confidence: value, basic_mode: basic, edited, decided_by: who, recommendation } = this.proposal;
    const by = who ? element("span", "by", ` · ${who}`) : null;
    const state = this.waits ? null : element("span", `state is-${status}`, t(status), by);
    const advice = this.waits ? element("span", `advice is-${recommendation}`, t(`advice_${recommendation}`)) : null;
    return [this.choice, categoryBadge(category), priorityMark(priority), confidence(value), advice, basic ? element("span", "", t("byRules")) : null,
      edited ? element("span", "", t("edited")) : null, element("span", "grow"), state].filter(Boolean);
  }

  body() {
    const { title, description, sub_tasks: steps, tags, component, details, merged_into: into, reason: said } = this.proposal;
    const marks = [component, ...tags.map((tag) => `#${tag}`)].filter(Boolean);
    return [element("h3", "", title), this.earlier(), description && description !== title ? foldable(description) : null,
      steps.length ? element("ul", "steps", ...steps.map((step) => element("li", "", step))) : null,
      details && Object.keys(details).length ? detailList(details) : null,
      marks.length ? element("p", "meta", marks.join(" · ")) : null,
      into ? element("p", "replaced", `${t("mergedInto")} `, namedLink("proposal", into)) : null,
      said ? element("p", "meta", t("becauseOf", { reason: said })) : null].filter(Boolean);
  }

  // Whether it was proposed before, with a way there.
  earlier() {
    const { novelty, similar } = this.proposal;
    if (novelty === "new" && !similar) return null;
    const link = similar ? anchor("", `#/tasks/proposal/${similar.proposal_id}`, similar.title) : null;
    const facts = similar ? element("span", "meta", ` · ${t("similarity", { value: decimal(similar.similarity) })} · ${t(`was_${similar.status}`)}`) : null;
    return element("p", `novelty is-${novelty}`, element("b", "", t(`novelty_${similar && novelty === "new" ? "near" : novelty}`)), " ", link, facts);
  }

  foot() {
    if (this.isClosed()) return [];
    if (!this.waits) return [element("div", "acts", button("act", t("undo"), () => this.revert(), "undo"))];
    return [element("div", "acts", button("act good", t("approve"), () => this.decide("approve"), "approve"), button("act bad", t("reject"), () => this.decide("reject"), "reject"),
      button("act", t("merge"), () => this.merge(), "merge"), button("quiet", t("edit"), () => this.edit(), "edit"))];
  }

  async act(work) {
    if (this.node.ariaBusy === "true") return false;
    this.node.ariaBusy = "true";
    try {
      const changed = await work();
      this.update(changed);
      this.onChanged([changed]);
      return true;
    } catch (error) {
      complain(error);
      return false;
    } finally {
      this.node.ariaBusy = "false";
    }
  }

  async decide(decision) {
    return this.waits && this.act(() => decide(this.proposal.id, decision));
  }

  async revert() {
    return !this.waits && !this.isClosed() && this.act(() => revert(this.proposal.id));
  }

  merge() {
    if (this.waits) askToMerge(this.proposal, { onMerged: (changed) => this.onChanged(changed) });
  }

  edit() {
    if (this.editing || !this.waits) return;
    this.editing = true;
    const { id, title, description, category, priority, tags, sub_tasks: steps, version } = this.proposal;
    const form = editForm({
      fields: [
        { name: "title", label: "titleOf", value: title, required: true, longest: 200 },
        { name: "category", label: "categoryOf", value: category, choices: CATEGORIES.map((name) => [name, t(`category_${name}`)]) },
        { name: "priority", label: "priorityOf", value: priority, choices: PRIORITIES.map((name) => [name, t(`priority_${name}`)]) },
        { name: "description", label: "descriptionOf", value: description, lines: 5, longest: 10_000 },
        { name: "sub_tasks", label: "subTasksOf", value: steps.join("\n"), lines: 3, read: lines },
        { name: "tags", label: "tagsOf", value: tags.join(", "), read: words },
      ],
      send: (body) => call(`/api/v1/proposals/${id}`, { method: "PATCH", body: { ...body, version } }),
      onDone: (changed) => this.edited(changed),
      explain: reason,
    });
    this.parts.body.replaceChildren(form);
    form.elements.title.focus();
  }

  edited(changed) {
    this.editing = false;
    this.parts.body.said = "";
    this.update(changed ?? this.proposal);
    this.node.focus({ preventScroll: true });
    if (changed) this.onChanged([changed]);
  }
}

export function categoryBadge(category) {
  return element("span", `type of-${category}`, icon(category), t(`category_${category}`));
}

function priorityMark(priority) {
  return element("span", `priority is-${priority}`, icon(priority), t(`priority_${priority}`));
}

function detailList(details) {
  const inWords = (value) => (Array.isArray(value) ? inOne(value.map(String)) : value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));
  return element("dl", "details", ...Object.entries(details).map(([name, value]) => element("div", "", element("dt", "", name.replaceAll("_", " ")), element("dd", "", inWords(value)))));
}

function why({ reasoning, atom_ids: atoms, run_id: run }, isAlone) {
  const links = atoms.slice(0, 5).map((id) => element("li", "", namedLink("atom", id)));
  const said = reasoning ? [element("p", "", reasoning)] : [];
  if (links.length) said.push(element("p", "meta", t("fromAtoms")), element("ul", "", ...links));
  if (isAlone) said.push(element("p", "meta", anchor("", address(`tasks/run/${run}`), t("itsRun"))));
  if (!said.length) return "";
  return element("details", "reasons", element("summary", "", t("why")), ...said);
}
