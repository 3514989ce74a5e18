// A small form to change what a record says; only what changed is sent.

import { button, element, options } from "./elements.js";
import { t } from "./words.js";

let forms = 0;

function input({ value, choices, lines, longest, required, kind, most }) {
  const node = document.createElement(choices ? "select" : lines ? "textarea" : "input");
  if (choices) options(node, choices, String(value));
  else node.value = value;
  if (lines) node.rows = lines;
  if (longest) node.maxLength = longest;
  if (kind) node.type = kind;
  if (kind === "number") Object.assign(node, { min: 0, step: "any", ...(most ? { max: most } : {}) });
  if (kind === "password") node.autocomplete = "new-password";
  node.required = Boolean(required);
  return node;
}

// `fields` are { name, label, value } with choices, lines, longest, required, kind or most; `label` is a word's key.
// `send` gets the changed fields, or all with `whole`; `onDone` the answer, or null when nothing was changed or the
// form was left.
export function editForm({ fields, whole = false, send, onDone, explain }) {
  const form = element("form", "edit");
  const wrong = element("p", "wrong");
  wrong.setAttribute("role", "alert");
  const number = ++forms;
  for (const field of fields) {
    const node = input(field);
    node.name = field.name;
    node.id = `edit-${number}-${field.name}`;
    const label = element("label", "", t(field.label));
    label.htmlFor = node.id;
    form.append(element("div", `field ${field.kind === "color" || field.short ? "short" : ""}`, label, node));
  }
  const save = element("button", "primary", t("save"));
  form.append(wrong, element("div", "acts", save, button("act", t("leaveEdit"), () => onDone(null))));
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); onDone(null); } });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const changes = fields.filter(({ name, value }) => whole || form.elements[name].value !== String(value));
    if (!changes.length) return onDone(null);
    save.disabled = true;
    try {
      onDone(await send(Object.fromEntries(changes.map(({ name, read = (text) => text.trim() }) => [name, read(form.elements[name].value)]))));
    } catch (error) {
      wrong.textContent = explain(error);
      save.disabled = false;
    }
  });
  return form;
}
