// Dialogs that ask for something, and fields in them.

import { button, element } from "./elements.js";
import { complain, reason } from "./notices.js";
import { t } from "./words.js";

let made = 0;

// `hint` says under a field what belongs in it.
export function field(label, node, hint = "") {
  node.id ||= `field-${++made}`;
  const words = element("label", "", label);
  words.htmlFor = node.id;
  const said = hint ? element("small", "", hint) : null;
  if (said) { said.id = `${node.id}-hint`; node.setAttribute("aria-describedby", said.id); }
  return element("div", "field", words, node, said);
}

export function input(name, type, more = {}) {
  return Object.assign(element("input"), { name, type, ...more });
}

export function alertLine() {
  const line = element("p", "wrong");
  line.setAttribute("role", "alert");
  return line;
}

// Sends what a form asks for; a refusal is said in it, and it can be sent again.
export function onSend(form, { submit, wrong, send }) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    wrong.textContent = "";
    try {
      await send();
    } catch (error) {
      if (error.status === 401) complain(error);
      wrong.textContent = reason(error);
    } finally {
      submit.disabled = false;
    }
  });
}

// `parts` stand between the title and the buttons; `send` is done before it closes; `leave` is said on the other button.
export function ask({ title, parts, go, send, leave = t("leaveEdit") }) {
  const dialog = element("dialog", "card");
  const form = element("form", "edit");
  const heading = element("h2", "", title);
  heading.id = `dialog-${++made}`;
  dialog.setAttribute("aria-labelledby", heading.id);
  const wrong = alertLine();
  const submit = element("button", "primary", go);
  form.append(heading, ...parts, wrong, element("div", "acts", submit, button("act", leave, () => dialog.close())));
  onSend(form, { submit, wrong, send: async () => { await send(form); dialog.close(); } });
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return form;
}
