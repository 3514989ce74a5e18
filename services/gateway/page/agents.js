// Who does which work, with which provider and model, and within which bounds.

import { call } from "./api.js";
import { editForm } from "./edit.js";
import { button, element, keepingFocus, place } from "./elements.js";
import { changed as changedRows, engine, providerOf } from "./engine.js";
import { complain, reason } from "./notices.js";
import { dollars, many, t } from "./words.js";

const asNumber = (text) => Number(text);

// Whether it works with a language model; an embedder needs vectors alone.
const asksQuestions = (agent) => agent.kind !== "embedder";

export class Agents {
  constructor({ list, onChanged }) {
    Object.assign(this, { list, onChanged });
    this.rows = new Map();
  }

  draw() {
    const sorted = [...engine.agents].sort((a, b) => b.active - a.active || a.kind.localeCompare(b.kind));
    const ids = new Set(sorted.map((agent) => agent.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    place(this.list, sorted.map((agent) => this.row(agent)));
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
  }

  row(agent) {
    const row = this.rows.get(agent.id) ?? element("li", "provider");
    const said = JSON.stringify([agent, providerOf(agent.provider_id), engine.providers.length]);
    if (row.said !== said && !row.editing) {
      row.said = said;
      row.dataset.active = agent.active;
      keepingFocus(row, () => row.replaceChildren(...this.parts(agent, row)));
      this.rows.set(agent.id, row);
    }
    return row;
  }

  parts(agent, row) {
    const provider = providerOf(agent.provider_id);
    const asks = asksQuestions(agent);
    const model = agent.model ?? (asks ? provider?.chat_model : provider?.document_model);
    const where = [provider?.name ?? t("noProvider"), model, asks ? t(`prompts_${agent.language}`) : null];
    const bounds = asks && !provider?.basic_mode
      ? element("p", "meta", `${t(`capOf_${agent.kind}`)} ${dollars(agent.max_cost_per_run)} · ${many("tokens", agent.max_tokens_per_run)}`) : null;
    const acts = element("div", "acts", agent.active ? null : button("act", t("makeActive"), () => this.change(agent, { active: true }), "active"),
      button("act", t("edit"), () => this.edit(agent, row), "edit"));
    return [element("div", "top", element("b", "", agent.name), element("span", "kind", t(agent.kind)), element("span", "grow"), agent.active ? element("span", "badge", t("active")) : null),
      element("p", "meta", where.filter(Boolean).join(" · ")), bounds, acts].filter(Boolean);
  }

  async change(agent, body) {
    try {
      this.taken(await call(`/api/v1/agents/${agent.id}`, { method: "PATCH", body }));
    } catch (error) {
      complain(error);
    }
  }

  taken(agent) {
    engine.agents = changedRows(engine.agents, agent.id, agent);
    this.draw();
    this.onChanged();
  }

  edit(agent, row) {
    row.editing = true;
    const done = () => { row.editing = false; row.said = ""; this.draw(); row.querySelector('[data-do="edit"]')?.focus(); };
    const form = editForm({
      fields: fieldsOf(agent),
      send: (body) => call(`/api/v1/agents/${agent.id}`, { method: "PATCH", body }),
      onDone: (answer) => { done(); if (answer) this.taken(answer); },
      explain: reason,
    });
    row.querySelector(".acts").replaceWith(form);
    form.elements.provider_id.focus();
  }
}

function fieldsOf(agent) {
  const model = { name: "model", label: "modelOf", value: agent.model ?? "", longest: 200, read: (text) => text.trim() || null };
  const provider = { name: "provider_id", label: "provider", value: agent.provider_id, choices: engine.providers.map(({ id, name }) => [id, name]) };
  if (!asksQuestions(agent)) return [provider, model];
  return [provider, model,
    { name: "language", label: "promptLanguage", value: agent.language, choices: [["uk", t("prompts_uk")], ["en", t("prompts_en")]] },
    { name: "max_cost_per_run", label: "capCost", value: agent.max_cost_per_run, kind: "number", read: asNumber },
    { name: "max_tokens_per_run", label: "capTokens", value: agent.max_tokens_per_run, kind: "number", read: asNumber },
    { name: "instructions", label: "instructions", value: agent.instructions, lines: 4, longest: 10_000 }];
}
