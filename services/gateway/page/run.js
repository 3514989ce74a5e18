// One analysis run: how far it is, what came of it, what it cost, and what can be done about it.

import { call, download } from "./api.js";
import { anchor, button, drawPart, element } from "./elements.js";
import { complain, toast } from "./notices.js";
import { address } from "./router.js";
import { ago, dayRange, dollars, many, number, percent, t, when } from "./words.js";

export const OPEN = ["pending", "running", "completed", "reviewed", "failed"];
export const OUTCOMES = ["approved", "merged", "rejected", "pending"];

const FORMATS = ["json", "csv", "md"];
const RATES = ["approval_rate", "rejection_rate", "edited_rate", "agreement_rate"];
const SHOWN_ERRORS = 5;

export class RunCard {
  // `onChanged` gets the run after something was done about it; with `isWhole` all of it is told.
  constructor(run, { onChanged, isWhole = false, node = element("li") }) {
    Object.assign(this, { onChanged, isWhole, node });
    node.classList.add("run", "work");
    this.bar = element("i");
    this.meter = element("div", "meter", this.bar);
    this.meter.setAttribute("role", "progressbar");
    this.parts = { top: element("div", "top"), outcome: element("div"), facts: element("div", "facts"), acts: element("div", "acts") };
    node.replaceChildren(this.parts.top, this.meter, this.parts.outcome, this.parts.facts, this.parts.acts);
    this.update(run);
  }

  // Draws only what changed, so that the bar moves instead of jumping.
  update(run) {
    this.run = run;
    this.node.dataset.status = run.status;
    this.meter.hidden = run.status !== "running";
    this.meter.classList.toggle("unknown", run.status === "running" && !run.batches_total);
    this.meter.setAttribute("aria-label", t(`run_${run.status}`));
    this.bar.style.width = `${run.batches_total ? (run.batches_done / run.batches_total) * 100 : 0}%`;
    if (run.batches_total) this.meter.setAttribute("aria-valuenow", Math.round((run.batches_done / run.batches_total) * 100));
    drawPart(this.parts.top, [run.project_name, run.since, run.until, run.status], () => this.top());
    drawPart(this.parts.outcome, OUTCOMES.map((name) => run[`proposals_${name}`]), () => outcome(run));
    drawPart(this.parts.facts, run, () => this.facts());
    drawPart(this.parts.acts, [run.status, run.proposals_total, run.proposals_pending, run.proposals_approved], () => this.acts());
  }

  top() {
    const { id, project_name: name, since, until, status } = this.run;
    const title = `${name} · ${dayRange(since, until)}`;
    return [element(this.isWhole ? "h2" : "h3", "", this.isWhole ? title : anchor("", address(`tasks/run/${id}`), title)), element("span", `state is-run-${status}`, t(`run_${status}`))];
  }

  facts() {
    const { run } = this;
    const parts = [element("p", "meta", progress(run).join(" · "))];
    if (run.status === "pending" && run.estimate) parts.unshift(estimate(run));
    if (run.failure) parts.push(element("p", run.status === "failed" ? "wrong" : "meta", run.failure));
    if (run.stopped_by) parts.push(element("p", "note", t(`${run.stopped_by}_cap`)));
    if (this.isWhole) parts.push(...this.more());
    return parts;
  }

  more() {
    const { run } = this;
    const { config_snapshot: snapshot, accuracy } = run;
    const dropped = ["quotes_dropped", "proposals_dropped"].filter((name) => run[name]).map((name) => many(name, run[name]));
    const rates = RATES.filter((name) => accuracy[name] !== null).map((name) => `${t(name)} ${percent(accuracy[name])}`);
    const errors = run.error_log.slice(-SHOWN_ERRORS).map((error) => element("li", "", element("b", "", [when(error.at), error.batch ? t("inBatch", { n: number(error.batch) }) : null].filter(Boolean).join(" · ")), " ", error.message));
    return [
      dropped.length ? element("p", "meta", dropped.join(" · ")) : null,
      rates.length ? element("p", "meta", rates.join(" · ")) : null,
      errors.length ? element("details", "failures", element("summary", "", many("runErrors", run.error_log.length)), element("ul", "", ...errors)) : null,
      snapshot.basic_mode ? null : element("p", "meta", [`${snapshot.provider_name} · ${snapshot.model}`, t("capIs", { cost: dollars(snapshot.max_cost) }), run.use_rag ? t("withRag") : null].filter(Boolean).join(" · ")),
    ].filter(Boolean);
  }

  acts() {
    const { id, status, proposals_total: total, proposals_pending: waiting, proposals_approved: approved } = this.run;
    const act = (way, style = "act") => button(style, t(`run_do_${way}`), () => this.act(way), way);
    const acts = [];
    if (status === "pending") acts.push(act("start", "primary"));
    if (["failed", "cancelled"].includes(status)) acts.push(act("retry"));
    if (["pending", "running", "failed"].includes(status)) acts.push(act("cancel"));
    if (!this.isWhole && total) acts.push(anchor("act", address(`tasks/run/${id}`), waiting ? many("reviewThem", waiting) : t("showProposals")));
    if (["completed", "reviewed"].includes(status)) acts.push(this.closing(waiting));
    if (this.isWhole && approved) acts.push(element("span", "meta", t("exportAs")), ...FORMATS.map((format) => button("act", format.toUpperCase(), () => this.export(format), format)));
    if (this.isWhole && status !== "pending") acts.push(button("quiet", t("trace"), () => this.trace(), "trace"));
    return acts;
  }

  closing(waiting) {
    const close = button("act", waiting ? t("run_do_close_after", { n: number(waiting) }) : t("run_do_close"), () => this.act("close"), "close");
    close.disabled = waiting > 0;
    if (waiting) close.title = many("closeWaits", waiting);
    return close;
  }

  async act(way) {
    for (const pressed of this.parts.acts.querySelectorAll("button")) pressed.disabled = true;
    try {
      await call(`/api/v1/runs/${this.run.id}/${way}`, { method: "POST" });
      if (way === "close") toast(t("runClosed"));
    } catch (error) {
      complain(error);
    }
    try {
      this.parts.acts.said = "";
      this.changed(await call(`/api/v1/runs/${this.run.id}`));
    } catch (error) {
      this.update(this.run);
      complain(error);
    }
  }

  changed(run) {
    this.update(run);
    this.onChanged(run);
  }

  export(format) {
    const { id, project_name: name } = this.run;
    const query = new URLSearchParams({ run_id: id, format });
    download(`/api/v1/proposals/export?${query}`, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.${format}`).catch(complain);
  }

  async trace() {
    try {
      const { url } = await call(`/api/v1/runs/${this.run.id}/trace`);
      if (url) open(url, "_blank", "noopener");
      else toast(t("noTraces"));
    } catch (error) {
      complain(error);
    }
  }
}

// How many proposals stand how: as a bar, and in words.
function outcome(run) {
  if (!run.proposals_total) return [];
  const counts = OUTCOMES.map((name) => [name, run[`proposals_${name}`]]).filter(([, count]) => count);
  const bar = element("div", "split", ...counts.map(([name, count]) => { const part = element("i", `of-${name}`); part.style.flexGrow = count; return part; }));
  bar.setAttribute("aria-hidden", "true");
  const words = counts.map(([name, count]) => element("li", "", element("i", `of-${name}`), many(`count_${name}`, count)));
  return [bar, element("ul", "legend", ...words)];
}

function progress(run) {
  const model = run.config_snapshot.basic_mode ? t("basicMode") : run.config_snapshot.model;
  const facts = [];
  if (run.batches_total !== null) {
    facts.push(`${many("ofMessages", run.messages_found)} → ${t("keptOf", { n: number(run.messages_kept) })}`, t("batchesOf", { done: number(run.batches_done), total: number(run.batches_total) }));
  }
  if (run.batches_failed) facts.push(many("batchesFailed", run.batches_failed));
  facts.push(run.cost ? dollars(run.cost) : null, run.input_tokens ? many("tokens", run.input_tokens + run.output_tokens) : null, run.cached_calls ? many("cachedCalls", run.cached_calls) : null);
  facts.push(model, t("startedBy", { who: run.created_by }), ago(run.started_at ?? run.created_at));
  return facts.filter(Boolean);
}

// What it will cost, before it begins.
function estimate({ estimate: found, config_snapshot: snapshot }) {
  const price = found.cost ? t("aboutCost", { cost: dollars(found.cost) }) : t("costsNothing");
  const words = [many("ofMessages", found.messages), many("batches", found.batches), found.input_tokens ? many("tokens", found.input_tokens + found.output_tokens) : null, price].filter(Boolean);
  const said = element("p", "estimate", element("b", "", t("estimate")), " ", words.join(" · "));
  return found.exceeds_cap ? element("div", "", said, element("p", "note", t("exceedsCap", { cap: dollars(snapshot.max_cost) }))) : said;
}
