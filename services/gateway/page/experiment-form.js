// Beginning an experiment: which model, on how many labelled messages, and on whose labels.

import { call } from "./api.js";
import { alertLine, field, input, onSend } from "./dialogs.js";
import { element, options } from "./elements.js";
import { engine, providerOf } from "./engine.js";
import { day, language, t } from "./words.js";

export function experimentForm({ earlier, onMade }) {
  const provider = element("select");
  provider.name = "provider";
  options(provider, engine.providers.map(({ id, name, basic_mode: basic }) => [id, basic ? `${name} · ${t("basicMode")}` : name]));
  const model = input("model", "text", { maxLength: 200, autocomplete: "off" });
  const modelField = field(t("modelOf"), model);
  const known = element("datalist");
  known.id = "experiment-models";
  model.setAttribute("list", known.id);
  const labels = element("select");
  labels.name = "labels";
  options(labels, [["", t("labelsNow")], ...earlier.map(({ id, name, created_at: at }) => [id, t("labelsOf", { name, day: day(at) })])]);
  const name = input("name", "text", { maxLength: 100, autocomplete: "off" });
  const messages = input("messages", "number", { value: 1000, min: 1, max: 1000, required: true });
  const cost = input("max_cost", "number", { value: 1, min: 0, step: "any", required: true });
  const costField = field(t("capCost"), cost);
  const wrong = alertLine();
  const submit = element("button", "primary", t("beginExperiment"));
  const form = element("form", "edit card run-form", element("h2", "", t("newExperiment")), element("p", "meta", t("experimentText")),
    element("div", "period", field(t("provider"), provider), modelField, field(t("labelled_messages"), messages), costField),
    element("details", "", element("summary", "", t("nameAndLabels")), element("div", "pair", field(t("nameOf"), name), field(t("labelsFrom"), labels, t("labelsHint")))), known, wrong, element("div", "acts", submit));
  const suit = () => {
    const chosen = providerOf(provider.value);
    const isBasic = chosen?.basic_mode === true;
    modelField.hidden = isBasic;
    costField.hidden = isBasic;
    model.placeholder = chosen?.chat_model ?? "";
    name.placeholder = suggested(chosen, model.value.trim());
  };
  provider.addEventListener("change", () => { model.value = ""; suit(); suggest(known, provider.value); });
  model.addEventListener("input", suit);
  onSend(form, {
    submit, wrong,
    send: async () => {
      const body = { name: name.value.trim() || name.placeholder, provider_id: provider.value, language, messages: Number(messages.value), max_cost: Number(cost.value) };
      if (model.value.trim() && !modelField.hidden) body.model = model.value.trim();
      if (labels.value) body.snapshot_of = labels.value;
      onMade(await call("/api/v1/experiments", { method: "POST", body }));
    },
  });
  suit();
  suggest(known, provider.value);
  return form;
}

const suggested = (provider, model) => [provider?.basic_mode ? t("basicMode") : provider?.name, model || provider?.chat_model].filter(Boolean).join(" · ").slice(0, 100);

// The models that a provider offers now; any other name may be given.
async function suggest(known, id) {
  known.replaceChildren();
  if (!id || providerOf(id)?.basic_mode) return;
  try {
    const { items } = await call(`/api/v1/providers/${id}/models`);
    options(known, items.map((model) => [model, model]), "");
  } catch {
    // Suggestions alone are missed; the experiment itself will say what is wrong with the provider.
  }
}
