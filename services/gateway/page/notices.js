// What the page tells in passing, and what it does with errors.

import { button } from "./elements.js";
import { t } from "./words.js";

const SHOWN = 4000;
const WITH_CHOICE = 9000;

const box = document.getElementById("toast");
let timer = 0;
let refused = () => {};

// `choice` offers one thing to do: { text, act }.
export function toast(text, choice = null) {
  box.replaceChildren(text);
  if (choice) box.append(button("", choice.text, () => { hide(); choice.act(); }));
  box.classList.toggle("choice", choice !== null);
  box.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(hide, choice ? WITH_CHOICE : SHOWN);
}

function hide() {
  box.classList.remove("shown", "choice");
}

export function onRefused(act) { refused = act; }

export function complain(error) {
  if (error.status === 401) refused();
  else toast(reason(error));
}

export function reason(error) {
  if (!error.status) return t("gone");
  const fields = (error.errors ?? []).filter((one) => !error.message.includes(one.message)).map((one) => `${one.field}: ${one.message}`);
  return [error.message, ...fields].join(" ");
}
