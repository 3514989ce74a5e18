// The knowledge view: topics beside atoms, what was proposed, merged and extracted, and how it grows.

import { call } from "./api.js";
import { AtomCard, TYPES } from "./atom.js";
import { Atoms } from "./atoms.js";
import { Bulk } from "./bulk.js";
import { Drafts } from "./drafts.js";
import { options, press } from "./elements.js";
import { askToExtract } from "./extract.js";
import { Extractions } from "./extractions.js";
import { Failures } from "./failures.js";
import { Merges } from "./merges.js";
import { complain } from "./notices.js";
import { Pulse } from "./pulse.js";
import { address, stay } from "./router.js";
import { settled, throttled } from "./throttle.js";
import { TopicHead } from "./topic.js";
import { Topics } from "./topics.js";
import { number, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const PANES = ["atoms", "atom", "changes", "merges", "extractions"];

export class Knowledge {
  constructor({ onStats }) {
    this.onStats = onStats;
    this.stats = null;
    this.pane = "atoms";
    this.bulk = new Bulk({ box: $("bulk"), atoms: null });
    this.atoms = new Atoms({ list: $("atoms"), empty: $("no-atoms"), more: $("more-atoms"), onDrawn: (atoms) => this.drawnAtoms(atoms) });
    this.bulk.atoms = this.atoms;
    this.topics = new Topics({ list: $("topics"), empty: $("no-topics"), more: $("more-topics"), search: $("find-topic") });
    this.head = new TopicHead({ box: $("topic-head"), onChanged: (topic) => { this.topics.put(topic); this.refreshStats(); } });
    this.drafts = new Drafts({ list: $("drafts"), empty: $("no-drafts"), more: $("more-drafts"), onDecided: () => this.changedHere() });
    this.merges = new Merges({ list: $("merges"), empty: $("no-merges"), onUndone: () => this.changedHere() });
    this.extractions = new Extractions({ list: $("runs"), empty: $("no-runs"), more: $("more-runs"), onChanged: () => this.drawPulse() });
    this.pulse = new Pulse({ box: $("pulse"), onExtract: () => askToExtract({ onStarted: () => this.refreshRuns() }) });
    this.failures = new Failures({ box: $("knowledge-note"), retry: () => this.refresh() });
    this.refreshStats = throttled(() => this.loadStats(), 1000);
    this.refreshTopics = throttled(() => this.loadTopics(), 1500);
    this.refreshPane = throttled(() => this.loadPane(), 1200);
    this.refreshRuns = throttled(() => this.loadRuns(), 1000);
    this.listen();
  }

  listen() {
    $("statuses").addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed) this.filter({ status: pressed.dataset.status });
    });
    $("type").addEventListener("change", () => this.filter({ type: $("type").value }));
    $("find-topic").addEventListener("input", settled(() => this.topics.refresh(), 250));
    $("more-topics").addEventListener("click", () => this.topics.more().catch(complain));
    $("more-atoms").addEventListener("click", () => this.atoms.more().catch(complain));
    $("more-drafts").addEventListener("click", () => this.drafts.more().catch(complain));
    $("more-runs").addEventListener("click", () => this.extractions.more().catch(complain));
  }

  // #/knowledge, #/knowledge/topic/5, #/knowledge/atom/12, #/knowledge/changes …
  show({ rest, query }) {
    const [what, id] = rest;
    this.pane = PANES.includes(what) ? what : "atoms";
    this.atomId = what === "atom" ? id : null;
    this.topicId = what === "topic" ? id : "";
    this.query = { status: query.get("status") ?? "", type: query.get("type") ?? "", run: query.get("run") ?? "" };
    for (const pane of PANES) $(`pane-${pane}`).hidden = pane !== this.pane;
    this.topics.choose(this.topicId);
    this.drawFrame();
    this.failures.forget("pane");
    return this.refresh();
  }

  filter(change) {
    Object.assign(this.query, change);
    stay(address(this.topicId ? `knowledge/topic/${this.topicId}` : "knowledge", this.query));
    this.drawFrame();
    this.loadPane();
  }

  refresh() {
    return Promise.all([this.loadStats(), this.loadTopics(), this.loadRuns(), this.loadPane()]);
  }

  changedHere() {
    this.refreshStats(); this.refreshTopics();
  }

  loadStats() {
    return this.failures.watch("stats", async () => {
      this.stats = await call("/api/v1/knowledge/stats");
      this.onStats(this.stats);
      this.drawCounts();
      this.drawPulse();
    });
  }

  loadTopics() {
    return this.failures.watch("topics", async () => {
      await this.topics.refresh();
      await this.drawHead();
    });
  }

  loadRuns() {
    return this.failures.watch("runs", () => this.extractions.refresh());
  }

  loadPane() {
    return this.failures.watch("pane", () => this.askPane());
  }

  askPane() {
    if (this.pane === "changes") return this.drafts.refresh();
    if (this.pane === "merges") return this.merges.refresh();
    if (this.pane === "extractions") return this.extractions.refresh();
    if (this.pane === "atom") return this.loadAtom();
    return Promise.all([this.drawHead(), this.atoms.choose({ topic: this.topicId, ...this.query })]);
  }

  async loadAtom() {
    const id = this.atomId;
    const atom = await call(`/api/v1/atoms/${id}`);
    if (this.atomId !== id) return;
    if (this.card?.atom.id === atom.id && this.card.node.isConnected) return this.card.update(atom);
    this.card = new AtomCard(atom, { onChanged: () => this.changedHere() });
    $("one-atom").replaceChildren(this.card.node);
  }

  async drawHead() {
    const id = this.topicId;
    if (!id) return this.head.draw(null);
    const topic = this.topics.find(id) ?? (await call(`/api/v1/topics/${id}`));
    if (this.topicId === id && this.pane === "atoms") this.head.draw(topic);
  }

  drawFrame() {
    const all = this.pane === "atoms" && !this.topicId && !this.query.run;
    $("h-atoms").hidden = Boolean(this.topicId);
    $("h-atoms").textContent = t(this.query.run ? "atomsOfRun" : "allAtoms");
    if (!this.topicId) this.head.draw(null);
    press($("statuses"), $("statuses").querySelector(`[data-status="${CSS.escape(this.query.status)}"]`));
    options($("type"), [["", t("allTypes")], ...TYPES.map((type) => [type, t(type)])], this.query.type);
    for (const link of $("panes").querySelectorAll("a")) {
      const isHere = link.dataset.pane === this.pane && (this.pane !== "atoms" || all);
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  drawnAtoms(atoms) {
    $("no-atoms").textContent = atoms.nothing();
    $("keys").hidden = !atoms.listing.items.length;
    this.bulk.draw();
  }

  drawCounts() {
    const { atoms, drafts } = this.stats;
    const counts = { atoms: (atoms.needs_review ?? 0) + (atoms.approved ?? 0), changes: drafts };
    for (const [pane, count] of Object.entries(counts)) $("panes").querySelector(`[data-pane=${pane}] .count`).textContent = count ? number(count) : "";
  }

  drawPulse() {
    this.pulse.draw(this.stats?.pending ?? null, this.extractions.items);
  }

  redraw() {
    if (!this.query) return;
    this.drawFrame();
    this.drawPulse();
    for (const part of [this.atoms, this.topics, this.head, this.drafts, this.merges, this.extractions]) part.redraw();
    this.bulk.draw();
    this.card = null;
    if (this.pane === "atom") this.loadPane();
  }

  onFrame({ type, data }, isShown) {
    if (data.extraction) this.extractions.update(data.extraction);
    else if (this.extractions.isRunning) this.refreshRuns();
    if (type === "knowledge.entity_changed" && data.entity === "atom") this.atoms.touch(data.entity_id);
    this.refreshStats();
    if (!isShown || type === "knowledge.extraction_started") return;
    this.refreshTopics();
    this.refreshPane();
  }
}

export function emptyStats(stats) {
  const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
  return sum(stats.topics) + sum(stats.atoms) === 0;
}
