// The experiments view: which model sorts messages best, answered with figures.

import { call } from "./api.js";
import { drawComparison } from "./comparison.js";
import { anchor, button, element, keepingFocus, place } from "./elements.js";
import { engine } from "./engine.js";
import { ExperimentPage, isOpen, meter, modelOf } from "./experiment.js";
import { experimentForm } from "./experiment-form.js";
import { Failures } from "./failures.js";
import { Listing } from "./listing.js";
import { complain } from "./notices.js";
import { address, go } from "./router.js";
import { throttled } from "./throttle.js";
import { ago, decimal, dollars, many, number, percent, t } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Experiments {
  constructor() {
    this.rows = new Map();
    this.chosen = new Set();
    this.listing = new Listing((cursor) => `/api/v1/experiments?${new URLSearchParams({ limit: 50, ...(cursor ? { cursor } : {}) })}`);
    this.page = new ExperimentPage({ box: $("one-experiment"), onChanged: (changed) => this.changed(changed) });
    this.failures = new Failures({ box: $("experiments-note"), retry: () => this.refresh() });
    this.refreshOne = throttled(() => this.loadOne(), 800);
    this.refreshList = throttled(() => this.loadList(), 1000);
    $("more-experiments").addEventListener("click", () => this.listing.more().then(() => this.draw(), complain));
  }

  // #/experiments, #/experiments/<id>, #/experiments/compare/<id>/<id>
  show({ rest }) {
    const [what, first, second] = rest;
    this.pair = what === "compare" && first && second ? [first, second] : null;
    this.id = this.pair ? null : what ?? null;
    $("pane-experiments").hidden = Boolean(this.pair || this.id);
    $("one-experiment").hidden = !this.id;
    $("comparison").hidden = !this.pair;
    $("to-experiments").hidden = !this.pair && !this.id;
    this.failures.forget("one");
    return this.refresh();
  }

  refresh() {
    return Promise.all([this.loadList(), this.loadOne()]);
  }

  loadList() {
    return this.failures.watch("list", async () => {
      if (await this.listing.refresh()) this.draw();
    });
  }

  loadOne() {
    if (this.pair) return this.failures.watch("one", () => this.compare(...this.pair));
    if (!this.id) return undefined;
    const { id } = this;
    return this.failures.watch("one", async () => {
      const experiment = await call(`/api/v1/experiments/${id}`);
      if (this.id === id) this.page.draw(experiment);
    });
  }

  async compare(first, second) {
    this.comparison = await call(`/api/v1/experiments/compare?${new URLSearchParams({ first_id: first, second_id: second })}`);
    drawComparison($("comparison"), this.comparison);
  }

  // Null once it was deleted.
  changed(experiment) {
    if (!experiment) return go("#/experiments");
    this.page.draw(experiment);
    return this.refreshList();
  }

  draw() {
    const { items, cursor } = this.listing;
    this.drawForm();
    place($("experiments"), items.map((experiment) => this.row(experiment)));
    $("more-experiments").hidden = !cursor;
    $("no-experiments").hidden = items.length > 0;
    this.drawCompare();
  }

  drawForm() {
    const done = this.listing.items.filter((one) => one.status === "completed");
    const shown = JSON.stringify([done, engine.providers].map((rows) => rows.map(({ id }) => id)));
    if (this.formOf === shown && $("experiment-form").firstChild) return;
    if ($("experiment-form").contains(document.activeElement)) return;
    this.formOf = shown;
    $("experiment-form").replaceChildren(experimentForm({ earlier: done, onMade: (made) => go(address(`experiments/${made.id}`)) }));
  }

  row(experiment) {
    const row = this.rows.get(experiment.id) ?? element("li", "run");
    this.rows.set(experiment.id, row);
    const said = JSON.stringify(experiment);
    if (row.said === said) return row;
    row.said = said;
    keepingFocus(row, () => row.replaceChildren(...this.parts(experiment)));
    return row;
  }

  parts(experiment) {
    const { id, status, metrics } = experiment;
    const facts = [modelOf(experiment), many("labelled", experiment.messages_total), experiment.cost ? dollars(experiment.cost) : null, ago(experiment.created_at)];
    const figures = metrics ? element("p", "figures", element("b", "", percent(metrics.accuracy)), ` ${t("accuracyLow")} · `, element("b", "", decimal(metrics.macro_f1)), ` F1 ${t("interval", { low: decimal(metrics.macro_f1_low), high: decimal(metrics.macro_f1_high) })}`) : null;
    const box = Object.assign(element("input"), { type: "checkbox", checked: this.chosen.has(id) });
    box.dataset.do = "choose";
    box.setAttribute("aria-label", t("chooseOne", { title: experiment.name }));
    box.addEventListener("change", () => { this.chosen[box.checked ? "add" : "delete"](id); this.drawCompare(); });
    const open = isOpen(status) ? [meter(experiment), element("p", "meta", t("classified", { done: number(experiment.messages_done), total: number(experiment.messages_total) }))] : [];
    return [element("div", "top", element("h3", "", status === "completed" ? box : null, anchor("", address(`experiments/${id}`), experiment.name)), element("span", `state is-experiment-${status}`, t(`experiment_${status}`))),
      figures, ...open, experiment.failure ? element("p", "wrong", experiment.failure) : null, element("p", "meta", facts.filter(Boolean).join(" · "))].filter(Boolean);
  }

  // Two that were measured on the same labels can be compared.
  drawCompare() {
    const chosen = this.listing.items.filter((one) => this.chosen.has(one.id));
    const isPair = chosen.length === 2;
    const isSame = isPair && chosen[0].snapshot_id === chosen[1].snapshot_id;
    const go_ = button("act", t("compare"), () => go(address(`experiments/compare/${chosen[1].id}/${chosen[0].id}`)), "compare");
    go_.disabled = !isSame;
    const hint = element("span", "meta", isPair && !isSame ? t("otherLabels") : t("compareHint"));
    $("compare").hidden = this.listing.items.filter((one) => one.status === "completed").length < 2;
    keepingFocus($("compare"), () => $("compare").replaceChildren(hint, go_));
  }

  redraw() {
    this.rows.clear();
    this.formOf = null;
    $("experiments").replaceChildren();
    if (this.listing.loaded) this.draw();
    const { experiment } = this.page;
    this.page.experiment = null;
    if (experiment) this.page.draw(experiment);
    if (this.comparison) drawComparison($("comparison"), this.comparison);
  }

  onFrame({ type, data }, isShown) {
    const id = data.experiment?.id ?? data.experiment_id;
    const known = this.listing.find(id);
    if (type === "experiment_progress" && known) {
      const now = { ...known, messages_done: Math.max(known.messages_done, data.messages_done) };
      this.listing.put(now);
      if (!isShown) return;
      this.draw();
      if (this.id === id && this.page.experiment?.id === id) this.page.draw({ ...this.page.experiment, messages_done: now.messages_done });
      return;
    }
    if (!isShown) return;
    this.refreshList();
    if (this.id === id) this.refreshOne();
  }
}
