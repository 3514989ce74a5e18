// The confusion matrix as a table: a row for what messages are about, a column for what they were taken for.

import { element } from "./elements.js";
import { number, percent, t } from "./words.js";

const NONE = "none";
const WORST = 8;

const counts = ({ metrics }, row, column) => metrics.confusion[row]?.[column] ?? 0;
const supports = ({ metrics }) => new Map(metrics.topics.map((topic) => [String(topic.topic_id), topic.support]));

// Topics that have a message or were taken for one, those with most messages first.
function sides(experiment) {
  const { confusion, topics } = experiment.metrics;
  const named = new Map(topics.map((topic) => [String(topic.topic_id), topic]));
  const columns = new Set(Object.values(confusion).flatMap((row) => Object.keys(row)));
  const order = [...named.values()].filter((topic) => topic.support || columns.has(String(topic.topic_id))).sort((a, b) => b.support - a.support || a.name.localeCompare(b.name));
  const ids = order.map((topic) => String(topic.topic_id));
  return { rows: ids.filter((id) => named.get(id).support), columns: columns.has(NONE) ? [...ids, NONE] : ids, name: (id) => (id === NONE ? t("noAnswer") : named.get(id).name) };
}

export function confusionTable(experiment) {
  const { rows, columns, name } = sides(experiment);
  const support = supports(experiment);
  const heads = columns.map((id) => { const head = element("th", "", element("span", "", name(id))); head.scope = "col"; head.title = name(id); return head; });
  const corner = element("td", "corner", element("span", "down", `${t("isAbout")} ↓`), element("span", "across", `${t("wasTakenFor")} →`));
  const body = rows.map((row) => {
    const head = element("th", "", element("span", "", name(row)), element("small", "", number(support.get(row))));
    head.scope = "row";
    return element("tr", "", head, ...columns.map((column) => cell(counts(experiment, row, column), support.get(row), { isRight: row === column, row: name(row), column: name(column) })));
  });
  const table = element("table", "confusion", element("thead", "", element("tr", "", corner, ...heads)), element("tbody", "", ...body));
  const box = element("div", "table heat", table);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", t("confusion"));
  return box;
}

function cell(count, support, { isRight, row, column }) {
  const made = element("td", isRight ? "right" : "", count ? number(count) : "");
  const share = support ? count / support : 0;
  made.style.setProperty("--share", `${Math.round(share * 100)}%`);
  if (count) made.title = `${row} → ${column}: ${number(count)} (${percent(share)})`;
  return made;
}

// What is taken for something else most often; without a prediction counts as a confusion too.
export function worst(experiment) {
  const { rows, columns } = sides(experiment);
  const support = supports(experiment);
  const id = (text) => (text === NONE ? null : Number(text));
  return rows.flatMap((row) => columns.filter((column) => column !== row && counts(experiment, row, column)).map((column) => {
    const count = counts(experiment, row, column);
    return { actual: id(row), predicted: id(column), count, share: count / support.get(row) };
  })).sort((a, b) => b.count - a.count || b.share - a.share).slice(0, WORST);
}
