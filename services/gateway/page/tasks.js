// The tasks view: projects beside their runs, and the review of what a run proposes.

import { call } from "./api.js";
import { Desk } from "./desk.js";
import { options, press } from "./elements.js";
import { Failures } from "./failures.js";
import { complain } from "./notices.js";
import { Projects } from "./projects.js";
import { CATEGORIES, ProposalCard } from "./proposal.js";
import { Proposals } from "./proposals.js";
import { address, go, stay } from "./router.js";
import { RunCard } from "./run.js";
import { Runs } from "./runs.js";
import { Selection } from "./selection.js";
import { throttled } from "./throttle.js";
import { number, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const PANES = ["runs", "run", "project", "proposal"];
// Why a run has no proposals; else there was nothing to propose.
const NONE = { pending: "notStarted", running: "stillLooking", failed: "endedBefore", cancelled: "endedBefore" };

export class Tasks {
  constructor({ onWaiting }) {
    this.onWaiting = onWaiting;
    this.pane = "runs";
    this.projects = new Projects({ list: $("projects"), empty: $("no-projects") });
    this.runs = new Runs({ list: $("work-runs"), empty: $("no-work-runs"), more: $("more-work-runs"), onChanged: () => this.desk.form.warn() });
    this.desk = new Desk({ box: $("run-form"), editButton: $("edit-project"), projects: this.projects, runs: this.runs, onMade: (run) => { this.runs.update(run); go(address(`tasks/run/${run.id}`)); } });
    this.proposals = new Proposals({ list: $("proposals"), empty: $("no-proposals"), more: $("more-proposals"), onDrawn: () => this.drawnProposals(), onDecided: () => this.refreshRun(), isClosed: () => this.run?.status === "closed" });
    this.selection = new Selection({ box: $("selection"), proposals: this.proposals });
    this.failures = new Failures({ box: $("tasks-note"), retry: () => this.refresh() });
    this.refreshRun = throttled(() => this.loadRun(), 600);
    this.refreshProposals = throttled(() => this.loadProposals(), 1200);
    this.refreshRuns = throttled(() => this.isList && this.runs.refresh(), 1200);
    this.refreshWaiting = throttled(() => this.loadWaiting(), 1500);
    this.listen();
  }

  listen() {
    $("proposal-statuses").addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed) this.filter({ status: pressed.dataset.status });
    });
    $("category").addEventListener("change", () => this.filter({ category: $("category").value }));
    $("more-work-runs").addEventListener("click", () => this.runs.more().catch(complain));
    $("more-proposals").addEventListener("click", () => this.proposals.more().catch(complain));
    document.addEventListener("keydown", (event) => {
      if (this.pane === "run" && !$("view-tasks").hidden) this.proposals.onKey(event);
    });
  }

  // #/tasks, #/tasks/project/<id>, #/tasks/project/new, #/tasks/run/<id>, #/tasks/proposal/<id>
  show({ rest, query }) {
    const [what, id] = rest;
    this.pane = PANES.includes(what) && id ? what : "runs";
    this.id = id ?? null;
    this.query = { status: query.get("status") ?? "pending", category: query.get("category") ?? "" };
    if (this.run && this.run.id !== this.id) { this.run = null; this.head = null; $("run-head").replaceChildren(); }
    $("pane-runs").hidden = !this.isList;
    $("pane-run").hidden = this.pane !== "run";
    $("pane-proposal").hidden = this.pane !== "proposal";
    this.proposals.letGo();
    this.drawFrame();
    this.failures.forget("pane");
    return this.refresh();
  }

  filter(change) {
    Object.assign(this.query, change);
    stay(address(`tasks/run/${this.id}`, { ...this.query, status: this.query.status || "all" }));
    this.drawFrame();
    this.loadProposals();
  }

  refresh() {
    return Promise.all([this.loadProjects(), this.loadPane(), this.loadWaiting()]);
  }

  async loadProjects() {
    await this.failures.watch("projects", () => this.projects.refresh());
    this.drawDesk();
  }

  loadPane() {
    if (this.pane === "run") return Promise.all([this.loadRun(), this.loadProposals()]);
    if (this.pane === "proposal") return this.failures.watch("pane", () => this.loadProposal());
    return this.failures.watch("pane", () => this.runs.choose(this.projectId));
  }

  // How many proposals wait, in the runs that are not closed.
  loadWaiting() {
    return call("/api/v1/runs?kind=analysis&limit=30").then(({ items }) => this.onWaiting(items.reduce((sum, { analysis: run }) => sum + (run.status === "closed" ? 0 : run.proposals_pending), 0)), () => {});
  }

  loadRun() {
    if (this.pane !== "run") return undefined;
    const { id } = this;
    return this.failures.watch("run", async () => {
      const run = await call(`/api/v1/runs/${id}`);
      if (this.pane === "run" && this.id === id) this.drawRun(run);
    });
  }

  loadProposals() {
    if (this.pane !== "run") return undefined;
    return this.failures.watch("pane", () => this.proposals.choose({ run: this.id, ...this.query, status: this.status }));
  }

  async loadProposal() {
    const { id } = this;
    const proposal = await call(`/api/v1/proposals/${id}`);
    if (this.id !== id) return;
    if (this.card?.proposal.id === id && this.card.node.isConnected) return this.card.update(proposal);
    this.card = new ProposalCard(proposal, { onChanged: () => this.loadProposal().catch(complain), isAlone: true });
    $("one-proposal").replaceChildren(this.card.node);
  }

  get isList() { return ["runs", "project"].includes(this.pane); }

  get projectId() { return this.pane === "project" && this.id !== "new" ? this.id : ""; }

  get status() { return this.query.status === "all" ? "" : this.query.status; }

  drawRun(run) {
    this.run = run;
    if (this.head) this.head.update(run);
    else this.head = new RunCard(run, { node: $("run-head"), isWhole: true, onChanged: (changed) => { this.drawRun(changed); this.refreshProposals(); } });
    for (const chip of $("proposal-statuses").querySelectorAll("button")) {
      const count = run[`proposals_${chip.dataset.status || "total"}`];
      chip.lastElementChild.textContent = count ? number(count) : "";
    }
    this.projects.choose(run.project_id);
    if (this.proposals.listing.loaded) this.proposals.draw();
    this.refreshWaiting();
  }

  drawDesk() {
    if (this.isList) this.desk.draw(this.pane === "project" ? this.id : "");
  }

  drawFrame() {
    this.projects.choose(this.projectId);
    const isAll = this.pane === "runs";
    if (isAll) $("all-runs").setAttribute("aria-current", "page");
    else $("all-runs").removeAttribute("aria-current");
    press($("proposal-statuses"), $("proposal-statuses").querySelector(`[data-status="${CSS.escape(this.status)}"]`));
    options($("category"), [["", t("allCategories")], ...CATEGORIES.map((name) => [name, t(`category_${name}`)])], this.query.category);
  }

  drawnProposals() {
    $("no-proposals").textContent = this.run && !this.run.proposals_total ? t(NONE[this.run.status] ?? "noProposals") : this.proposals.nothing();
    $("proposal-keys").hidden = !this.proposals.listing.items.length;
    this.selection.draw();
  }

  redraw() {
    if (!this.query) return;
    this.drawFrame();
    if (this.isList) this.desk.redraw(this.pane === "project" ? this.id : "");
    this.runs.redraw();
    this.proposals.redraw();
    this.selection.draw();
    this.head = null;
    this.card = null;
    if (this.run) this.drawRun(this.run);
    if (this.pane === "proposal") this.loadPane();
  }

  onFrame({ type, data }, isShown) {
    if (data.run) this.runs.update(data.run);
    if (type === "analysis.batch_completed") this.runs.progress(data);
    if (data.proposal) this.proposals.learn(data.proposal);
    this.refreshWaiting();
    if (!isShown) return;
    const id = data.run?.id ?? data.run_id ?? data.proposal?.run_id;
    if (id === this.id) { this.refreshRun(); this.refreshProposals(); }
    this.refreshRuns();
  }
}
