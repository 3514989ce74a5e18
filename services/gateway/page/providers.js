// The providers that there are: how each does, what it does, and what can be done about it. No key is ever shown.

import { call } from "./api.js";
import { editForm } from "./edit.js";
import { button, element, keepingFocus, options, place } from "./elements.js";
import { changed as changedRows, engine } from "./engine.js";
import { complain, reason } from "./notices.js";
import { ago, many, t } from "./words.js";

export const MODELS = ["chat_model", "document_model", "query_model"];

const KINDS = { knowledge_extractor: "doesExtraction", task_proposer: "doesProposals", embedder: "doesEmbedding" };

export class Providers {
  constructor({ list, onChanged }) {
    Object.assign(this, { list, onChanged });
    this.rows = new Map();
  }

  draw() {
    const ids = new Set(engine.providers.map((provider) => provider.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    place(this.list, engine.providers.map((provider) => this.row(provider)));
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
  }

  row(provider) {
    const row = this.rows.get(provider.id) ?? element("li", "provider");
    const does = engine.agents.filter((agent) => agent.active && agent.provider_id === provider.id).map((agent) => agent.kind);
    const said = JSON.stringify([provider, does]);
    if (row.said !== said && !row.editing) {
      row.said = said;
      row.dataset.status = provider.validation_status;
      keepingFocus(row, () => row.replaceChildren(...this.parts(provider, does, row)));
      this.rows.set(provider.id, row);
    }
    return row;
  }

  parts(provider, does, row) {
    const { validation_status: status, validation_error: wrong, validated_at: at } = provider;
    const state = element("span", "status", element("i"), t(`provider_${status}`));
    if (at && status === "connected") state.title = ago(at);
    const models = [provider.chat_model, provider.document_model].filter(Boolean).join(" · ");
    const facts = [provider.base_url ?? t("onThisSystem"), models, provider.dimension ? many("dimensions", provider.dimension) : null, provider.has_api_key ? t("hasKey") : null];
    const work = does.map((kind) => element("span", "badge", t(KINDS[kind])));
    const meant = provider.activate.filter((kind) => !does.includes(kind));
    return [
      element("div", "top", element("b", "", provider.name), element("span", "kind", t(`type_${provider.type}`)), element("span", "grow"), state),
      element("p", "meta", facts.filter(Boolean).join(" · ")),
      work.length ? element("p", "acts", ...work) : null,
      provider.basic_mode ? element("p", "meta", t("localIs")) : null,
      status === "error" && wrong ? element("p", "wrong", wrong) : null,
      meant.length && status !== "error" ? element("p", "meta", t("willDo", { what: meant.map((kind) => t(KINDS[kind])).join(", ") })) : null,
      this.acts(provider, does, row),
    ].filter(Boolean);
  }

  acts(provider, does, row) {
    const idle = Object.keys(KINDS).filter((kind) => !does.includes(kind));
    const use = provider.validation_status === "connected" ? idle.map((kind) => button("act", t(`use_${kind}`), () => this.activate(provider, kind), kind)) : [];
    const own = provider.type === "local" ? [] : [button("act", t("edit"), () => this.edit(provider, row), "edit"), this.removal(provider)];
    const check = button("act", t("checkAgain"), () => this.act(`/api/v1/providers/${provider.id}/validate`, "POST"), "check");
    check.disabled = ["pending", "validating"].includes(provider.validation_status);
    return element("div", "acts", ...use, check, ...own);
  }

  // Asks once before it deletes.
  removal(provider) {
    const remove = button("act bad", t("remove"), () => {
      if (remove.dataset.sure) return this.act(`/api/v1/providers/${provider.id}`, "DELETE");
      remove.dataset.sure = "yes";
      remove.textContent = t("removeSure");
    }, "remove");
    remove.addEventListener("blur", () => { delete remove.dataset.sure; remove.textContent = t("remove"); });
    return remove;
  }

  activate(provider, kind) {
    return this.act(`/api/v1/providers/${provider.id}`, "PATCH", { activate: [...new Set([...provider.activate, kind])] });
  }

  async act(path, method, body) {
    try {
      const answer = await call(path, { method, body });
      if (answer?.validation_status) engine.providers = changedRows(engine.providers, answer.id, answer);
      this.draw();
      this.onChanged();
    } catch (error) {
      complain(error);
    }
  }

  edit(provider, row) {
    row.editing = true;
    const done = () => { row.editing = false; row.said = ""; this.draw(); row.querySelector('[data-do="edit"]')?.focus({ preventScroll: true }); };
    const form = editForm({
      fields: fieldsOf(provider),
      send: (body) => call(`/api/v1/providers/${provider.id}`, { method: "PATCH", body }),
      onDone: (answer) => {
        if (answer) engine.providers = changedRows(engine.providers, answer.id, answer);
        done();
        if (answer) this.onChanged();
      },
      explain: reason,
    });
    row.querySelector(".acts").replaceWith(form);
    form.elements.api_key.focus();
    suggestModels(form, provider);
  }
}

// An empty key leaves the one that is kept.
function fieldsOf(provider) {
  return [
    { name: "name", label: "nameOf", value: provider.name, required: true, longest: 100 },
    { name: "base_url", label: "addressOf", value: provider.base_url ?? "", kind: "url", required: true, longest: 500 },
    { name: "api_key", label: provider.has_api_key ? "newKeyOf" : "apiKeyOf", value: "", kind: "password", longest: 500 },
    ...MODELS.map((name) => ({ name, label: name, value: provider[name] ?? "", longest: 200, read: (text) => text.trim() || null })),
  ];
}

// Those that it offers now; any other name may be given.
async function suggestModels(form, provider) {
  const known = element("datalist");
  known.id = `models-${provider.id}`;
  form.append(known);
  for (const name of MODELS) form.elements[name].setAttribute("list", known.id);
  try {
    const { items } = await call(`/api/v1/providers/${provider.id}/models`);
    options(known, items.map((model) => [model, model]), "");
  } catch (error) {
    form.querySelector(".wrong").textContent = reason(error);
  }
}
