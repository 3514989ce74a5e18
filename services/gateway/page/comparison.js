// Two experiments on the same labels, message by message, and whether what differs is more than chance.

import { anchor, element } from "./elements.js";
import { modelOf, nameOf } from "./experiment.js";
import { decimal, many, number, percent, t } from "./words.js";

const SHOWN = 50;

// What McNemar's p says, without promising more than it does.
function verdict({ p_value: p, only_first: first, only_second: second, first: a, second: b }) {
  const value = p < 0.001 ? `p < ${decimal(0.001, 3)}` : `p = ${decimal(p, 3)}`;
  if (first === second) return t("equallyGood", { p: value });
  const name = first > second ? a.name : b.name;
  return t(p < 0.01 ? "surelyBetter" : p < 0.05 ? "likelyBetter" : "maybeChance", { name, p: value });
}

export function drawComparison(box, found) {
  const { first, second } = found;
  const side = (experiment) => element("div", "", element("dt", "", anchor("", `#/experiments/${experiment.id}`, experiment.name)),
    element("dd", "", element("b", "", percent(experiment.metrics.accuracy)), element("small", "", `${modelOf(experiment)} · F1 ${decimal(experiment.metrics.macro_f1)}`)));
  box.replaceChildren(
    element("section", "card", element("h2", "", t("comparison")), element("dl", "measures", side(first), side(second)),
      element("p", "verdict", verdict(found)), element("p", "meta", t(found.exact ? "mcnemarExact" : "mcnemarChi", { n: number(found.only_first + found.only_second), statistic: decimal(found.statistic) })), quadrants(found)),
    element("section", "card", element("h2", "", many("differing", found.only_first + found.only_second)), differences(found)));
}

// Who was right how often, with the figures that the test is about.
function quadrants({ both_right: both, only_first: first, only_second: second, neither_right: neither, first: a, second: b }) {
  const head = (text, scope) => Object.assign(element("th", "", text), { scope });
  const row = (name, ...values) => element("tr", "", head(name, "row"), ...values.map((value) => element("td", "", number(value))));
  const said = (experiment, way) => t(way, { name: experiment.name });
  return element("div", "table", element("table", "", element("thead", "", element("tr", "", element("td"), head(said(b, "isRight"), "col"), head(said(b, "isWrong"), "col"))),
    element("tbody", "", row(said(a, "isRight"), both, first), row(said(a, "isWrong"), second, neither))));
}

function differences({ differing, first, second }) {
  if (!differing.length) return element("p", "empty", t("noDifferences"));
  return element("ol", "rows flat", ...differing.slice(0, SHOWN).map((one) => {
    const said = (experiment, id) => element("li", id === one.actual_id ? "is-approved" : "is-rejected", `${id === one.actual_id ? "✓" : "✕"} ${experiment.name}: ${nameOf(experiment, id)}`);
    return element("li", "", element("p", "text", one.text), element("p", "meta", `${t("isAbout")}: ${nameOf(first, one.actual_id)}`), element("ul", "sides", said(first, one.first_id), said(second, one.second_id)));
  }));
}
