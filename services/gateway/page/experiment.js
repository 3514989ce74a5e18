// What one experiment measured: how good the model is, at which topics, and what it takes for what.

import { call } from "./api.js";
import { confusionTable, worst } from "./confusion.js";
import { drawContext } from "./context.js";
import { button, drawPart, element } from "./elements.js";
import { complain } from "./notices.js";
import { ago, decimal, dollars, many, number, percent, t } from "./words.js";

const PAGE = 20;

export const nameOf = (experiment, id) => (id === null ? t("noAnswer") : experiment.topics.find((topic) => topic.id === id)?.name ?? `№${id}`);

export function modelOf({ basic_mode: basic, provider_name: provider, model }) {
  return basic ? t("basicMode") : `${provider} · ${model}`;
}

export class ExperimentPage {
  constructor({ box, onChanged }) {
    this.box = box;
    this.onChanged = onChanged;
    this.experiment = null;
  }

  draw(experiment) {
    const isNew = this.experiment?.id !== experiment.id;
    this.experiment = experiment;
    if (isNew || !this.parts?.head.isConnected) {
      this.parts = { head: element("div", "card run work"), measures: element("div"), table: element("div"), topics: element("div"), wrong: element("div") };
      this.box.replaceChildren(...Object.values(this.parts));
    }
    drawPart(this.parts.head, experiment, () => this.head());
    drawPart(this.parts.measures, experiment.metrics, () => (experiment.metrics ? [measures(experiment.metrics)] : []));
    drawPart(this.parts.table, experiment.metrics, () => (experiment.metrics ? this.confusions() : []));
    drawPart(this.parts.topics, experiment.metrics, () => (experiment.metrics ? [topicTable(experiment.metrics)] : []));
    drawPart(this.parts.wrong, experiment.metrics, () => (experiment.metrics ? [this.mistakes()] : []));
  }

  head() {
    const { experiment } = this;
    const { status, messages_done: done, messages_total: total } = experiment;
    const facts = [modelOf(experiment), many("labelled", total), many("topicsOf", experiment.topics.length), experiment.cost ? dollars(experiment.cost) : null, t("startedBy", { who: experiment.created_by }), ago(experiment.created_at)];
    return [element("div", "top", element("h2", "", experiment.name), element("span", `state is-experiment-${status}`, t(`experiment_${status}`))),
      isOpen(status) ? meter(experiment) : null, isOpen(status) ? element("p", "meta", t("classified", { done: number(done), total: number(total) })) : null,
      element("p", "meta", facts.filter(Boolean).join(" · ")), experiment.failure ? element("p", status === "failed" ? "wrong" : "meta", experiment.failure) : null,
      experiment.basic_mode ? element("p", "meta", t("basicClassifier")) : null, element("div", "acts", ...this.acts())].filter(Boolean);
  }

  acts() {
    const { id, status } = this.experiment;
    if (isOpen(status)) return [button("act", t("cancel"), () => this.act(`/api/v1/experiments/${id}/cancel`, "POST"), "cancel")];
    const remove = button("act bad", t("remove"), () => {
      if (remove.dataset.sure) return this.act(`/api/v1/experiments/${id}`, "DELETE");
      remove.dataset.sure = "yes";
      remove.textContent = t("removeSure");
    }, "remove");
    remove.addEventListener("blur", () => { delete remove.dataset.sure; remove.textContent = t("remove"); });
    return [remove];
  }

  async act(path, method) {
    try {
      this.onChanged(await call(path, { method }));
    } catch (error) {
      complain(error);
    }
  }

  confusions() {
    const pairs = worst(this.experiment);
    const said = pairs.map(({ actual, predicted, count, share }) => element("li", "", element("b", "", nameOf(this.experiment, actual)), ` ${t("takenFor")} `, element("b", "", nameOf(this.experiment, predicted)), element("span", "meta", ` · ${many("times", count)} · ${t("ofTopic", { share: percent(share) })}`)));
    return [element("section", "card", element("h2", "", t("confusion")), element("p", "meta", t("confusionText")), confusionTable(this.experiment)),
      said.length ? element("section", "card", element("h2", "", t("worstConfusions")), element("ol", "worst", ...said)) : null].filter(Boolean);
  }

  // The messages whose topic was not found, by pages, each with a way to where it stands.
  mistakes() {
    const list = element("ol", "rows flat");
    const more = button("more", t("more"), () => load());
    const box = element("section", "card", element("h2", "", t("mistakes")), list, more);
    const { id } = this.experiment;
    let cursor = null;
    const load = async () => {
      more.disabled = true;
      try {
        const page = await call(`/api/v1/experiments/${id}/results?${new URLSearchParams({ wrong: true, limit: PAGE, ...(cursor ? { cursor } : {}) })}`);
        list.append(...page.items.map((result) => mistake(this.experiment, result)));
        if (!list.children.length) list.replaceWith(element("p", "empty", t("noMistakes")));
        cursor = page.next_cursor;
        more.hidden = !cursor;
      } catch (error) {
        complain(error);
      } finally {
        more.disabled = false;
      }
    };
    load();
    return box;
  }
}

export const isOpen = (status) => ["pending", "running"].includes(status);

export function meter({ messages_done: done, messages_total: total, name }) {
  const bar = element("i");
  const part = total ? done / total : 0;
  bar.style.width = `${part * 100}%`;
  const box = element("div", "meter", bar);
  box.setAttribute("role", "progressbar");
  box.setAttribute("aria-label", name);
  box.setAttribute("aria-valuenow", Math.round(part * 100));
  return box;
}

function measures(metrics) {
  const tile = (label, value, hint) => element("div", "", element("dt", "", label), element("dd", "", element("b", "", value), hint ? element("small", "", hint) : null));
  return element("dl", "measures", tile(t("accuracy"), percent(metrics.accuracy), many("ofMessages", metrics.messages)),
    tile(t("macroF1"), decimal(metrics.macro_f1), t("interval", { low: decimal(metrics.macro_f1_low), high: decimal(metrics.macro_f1_high) })),
    tile(t("precisionRecall"), `${decimal(metrics.macro_precision)} / ${decimal(metrics.macro_recall)}`, t("perTopicMean")),
    tile(t("calibration"), decimal(metrics.calibration_error), t("meanConfidence", { value: decimal(metrics.mean_confidence) })),
    tile(t("meanTime"), t("took", { ms: number(Math.round(metrics.mean_ms)) }), metrics.cost ? dollars(metrics.cost) : t("costsNothing")),
    metrics.unclassified ? tile(t("noAnswer"), number(metrics.unclassified)) : null);
}

function topicTable({ topics }) {
  const heads = ["topic", "support", "precision", "recall", "f1"];
  const row = ({ name, support, precision, recall, f1 }) => {
    const head = element("th", "", name);
    head.scope = "row";
    return element("tr", "", head, ...[number(support), ...[precision, recall, f1].map((value) => decimal(value))].map((text) => element("td", "", text)));
  };
  const cells = heads.map((name) => Object.assign(element("th", "", t(name)), { scope: "col" }));
  const sorted = [...topics].sort((a, b) => b.support - a.support);
  const table = element("div", "table by-topic", element("table", "", element("thead", "", element("tr", "", ...cells)), element("tbody", "", ...sorted.map(row))));
  Object.assign(table, { tabIndex: 0, role: "group", ariaLabel: t("byTopic") });
  return element("section", "card", element("h2", "", t("byTopic")), table);
}

function mistake(experiment, result) {
  const slot = element("div");
  const there = button("quiet", t("inContext"), async () => {
    const isOpen = slot.firstChild !== null;
    there.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) { slot.replaceChildren(); return; }
    try {
      slot.replaceChildren(await drawContext(result.message_id, ""));
    } catch (error) {
      there.setAttribute("aria-expanded", "false");
      complain(error);
    }
  });
  there.setAttribute("aria-expanded", "false");
  const said = element("p", "verdict", element("b", "", nameOf(experiment, result.actual_id)), ` ${t("takenFor")} `, element("b", "", nameOf(experiment, result.predicted_id)),
    result.predicted_id === null ? null : element("span", "meta", ` · ${decimal(result.confidence)}`));
  return element("li", "", said, element("p", "text", result.text), result.error ? element("p", "wrong", result.error) : null, result.reasoning ? element("p", "meta", result.reasoning) : null, element("div", "acts", there), slot);
}
