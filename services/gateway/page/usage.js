// What the calls of language models came to.

import { element } from "./elements.js";
import { dollars, number, t } from "./words.js";

const HEADS = ["provider", "modelOf", "taskOf", "callsOf", "tokensOf", "costOf"];

export function drawUsage(box, lines) {
  if (!lines.length) return box.replaceChildren(element("p", "empty", t("noUsage")));
  const total = lines.reduce((sum, line) => sum + line.cost, 0);
  const rows = lines.map((line) => row(
    line.provider_name ?? t("deletedProvider"), line.model, t(`task_${line.task}`, {}, line.task), calls(line), number(line.input_tokens + line.output_tokens), dollars(line.cost)));
  const head = element("thead", "", element("tr", "", ...HEADS.map((name) => heading(t(name)))));
  const foot = element("tfoot", "", element("tr", "", cell(t("total"), 5), cell(dollars(total))));
  const table = element("div", "table", element("table", "", head, element("tbody", "", ...rows), foot));
  table.tabIndex = 0;
  table.setAttribute("role", "group");
  table.setAttribute("aria-label", t("usage"));
  return box.replaceChildren(table);
}

function calls({ calls: count, cached, failed }) {
  const notes = [cached ? t("cachedOf", { n: number(cached) }) : null, failed ? t("failedOf", { n: number(failed) }) : null].filter(Boolean);
  return notes.length ? `${number(count)} (${notes.join(", ")})` : number(count);
}

const row = (...texts) => element("tr", "", ...texts.map((text) => cell(text)));

function cell(text, span = 1) {
  const made = element("td", "", text);
  made.colSpan = span;
  return made;
}

function heading(text) {
  const made = element("th", "", text);
  made.scope = "col";
  return made;
}
