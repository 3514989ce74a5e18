// Adding a provider in one form: what it is, where it is, its key, and what it shall do.

import { call } from "./api.js";
import { element } from "./elements.js";
import { engine } from "./engine.js";
import { complain, reason } from "./notices.js";
import { MODELS } from "./providers.js";
import { t } from "./words.js";

const KINDS = {
  openai: { name: "OpenAI", address: "https://api.openai.com/v1" },
  ollama: { name: "Ollama", address: "http://localhost:11434/v1" },
};
let drawn = 0;

function field(label, node, hint = "") {
  node.id = `provider-${drawn}-${node.name}`;
  const words = element("label", "", label);
  words.htmlFor = node.id;
  const said = element("p", "wrong");
  said.dataset.of = node.name;
  return element("div", "field", words, node, hint ? element("small", "", hint) : null, said);
}

function input(name, type, more = {}) {
  return Object.assign(element("input"), { name, type, spellcheck: false, autocomplete: "off" }, more);
}

function choice(name, value, label, checked, type = "checkbox") {
  return element("label", "check", input(name, type, { value, defaultChecked: checked }), element("span", "", label));
}

function freeName(wanted) {
  const taken = new Set(engine.providers.map((provider) => provider.name.toLowerCase()));
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

// A server of somebody else's is named after its host.
function suggestedName(kind, url) {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return freeName(kind === "ollama" || !host || KINDS[kind].address.includes(host) ? KINDS[kind].name : host);
}

export function providerForm({ onMade }) {
  drawn += 1;
  const form = element("form", "edit provider-form");
  const kinds = element("fieldset", "kinds", element("legend", "unseen", t("providerType")),
    choice("type", "openai", t("openai"), true, "radio"), choice("type", "ollama", t("ollama"), false, "radio"));
  const url = input("base_url", "url", { maxLength: 500, pattern: "https?://.+" });
  const key = input("api_key", "password", { autocomplete: "new-password", maxLength: 2000 });
  const keyField = field(t("apiKeyOf"), key, t("keyHint"));
  const use = element("fieldset", "use", element("legend", "", t("useFor")),
    choice("activate", "knowledge_extractor", t("forExtraction"), true), choice("activate", "task_proposer", t("forProposals"), true),
    choice("activate", "embedder", t("forEmbedding"), false));
  const more = element("details", "", element("summary", "", t("nameAndModels")), field(t("nameOf"), input("name", "text", { maxLength: 100 })),
    ...MODELS.map((name) => field(t(name), input(name, "text", { maxLength: 200, placeholder: t("chosenForYou") }))));
  const wrong = element("p", "wrong");
  wrong.setAttribute("role", "alert");
  const add = element("button", "primary", t("addProvider"));
  form.append(kinds, field(t("addressOf"), url, t("addressHint")), keyField, use, more, wrong, add);
  const kind = () => form.elements.type.value;
  const suit = () => {
    url.placeholder = KINDS[kind()].address;
    key.required = kind() === "openai" && !url.value.trim();
    keyField.querySelector("small").textContent = t(kind() === "ollama" ? "keyHintOllama" : "keyHint");
    form.elements.name.placeholder = suggestedName(kind(), url.value.trim());
  };
  form.addEventListener("change", suit);
  form.addEventListener("input", suit);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form, kind(), { wrong, add, onMade, suit }); });
  suit();
  return form;
}

function wanted(form, kind) {
  const { base_url: url, api_key: key, name } = form.elements;
  const body = { type: kind, name: name.value.trim() || suggestedName(kind, url.value.trim()) };
  body.activate = [...form.querySelectorAll("[name=activate]:checked")].map((box) => box.value);
  if (url.value.trim()) body.base_url = url.value.trim().replace(/\/+$/, "");
  if (key.value.trim()) body.api_key = key.value.trim();
  for (const model of MODELS) if (form.elements[model].value.trim()) body[model] = form.elements[model].value.trim();
  return body;
}

async function send(form, kind, { wrong, add, onMade, suit }) {
  for (const said of form.querySelectorAll(".wrong")) said.textContent = "";
  add.disabled = true;
  try {
    await call("/api/v1/providers", { method: "POST", body: wanted(form, kind) });
    form.reset();
    suit();
    onMade();
  } catch (error) {
    if (error.status === 401) complain(error);
    explain(form, error, wrong);
  } finally {
    add.disabled = false;
  }
}

// Says what is wrong beside the field at fault, where there is one.
function explain(form, error, wrong) {
  const beside = (error.errors ?? []).filter(({ field: name }) => form.querySelector(`[data-of="${CSS.escape(name)}"]`));
  for (const { field: name, message } of beside) {
    const said = form.querySelector(`[data-of="${CSS.escape(name)}"]`);
    said.textContent = message;
    said.closest("details")?.setAttribute("open", "");
  }
  wrong.textContent = beside.some(({ message }) => message === error.message) ? "" : reason(error);
  form.elements[beside[0]?.field]?.focus();
}
