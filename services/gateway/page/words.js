// What the page says, in the reader's language; numbers and times as that language writes them.

import { EN } from "./words-en.js";
import { UK } from "./words-uk.js";

const WORDS = { uk: UK, en: EN };
// The forms of a word that counts, in the order in which they stand in its text.
const FORMS = { uk: ["one", "few", "many"], en: ["one", "other"] };

export let language = localStorage.getItem("language") ?? (navigator.language.toLowerCase().startsWith("uk") ? "uk" : "en");

const formats = new Map();

// Formatters cost much to make and little to keep.
function format(kind, options) {
  const name = `${language} ${kind.name} ${JSON.stringify(options)}`;
  if (!formats.has(name)) formats.set(name, new kind(language, options));
  return formats.get(name);
}

// A word that is not known, such as a factor that scoring has got since, is said as the API names it.
export function t(key, values = {}, unknown = key) {
  const words = WORDS[language][key] ?? unknown.charAt(0).toUpperCase() + unknown.slice(1).replaceAll("_", " ");
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// "{n} атом|{n} атоми|{n} атомів": the form that goes with `count`.
export function many(key, count, values = {}) {
  const forms = WORDS[language][key].split("|");
  const form = FORMS[language].indexOf(format(Intl.PluralRules, {}).select(count));
  const words = forms[form < 0 ? forms.length - 1 : form] ?? forms.at(-1);
  return words.replace(/\{(\w+)\}/g, (_, name) => (name === "n" ? number(count) : values[name] ?? ""));
}

export const number = (value) => format(Intl.NumberFormat, {}).format(value);
export const decimal = (value, digits = 2) => format(Intl.NumberFormat, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
export const percent = (part) => format(Intl.NumberFormat, { style: "percent", maximumFractionDigits: 0 }).format(part);
// The provider's prices are in US dollars; a call costs parts of a cent.
export const dollars = (value) => format(Intl.NumberFormat, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", maximumFractionDigits: value < 1 ? 4 : 2 }).format(value);
export const list = (words) => format(Intl.ListFormat, { type: "conjunction" }).format(words);

export function when(iso) {
  const date = new Date(iso);
  const thisYear = date.getFullYear() === new Date().getFullYear();
  const day = { day: "numeric", month: "short", ...(thisYear ? {} : { year: "numeric" }) };
  return format(Intl.DateTimeFormat, { ...day, hour: "numeric", minute: "2-digit" }).format(date);
}

// "12:03", and the day where that is not today.
export function clock(iso) {
  const date = new Date(iso);
  if (date.toDateString() !== new Date().toDateString()) return when(iso);
  return format(Intl.DateTimeFormat, { hour: "numeric", minute: "2-digit" }).format(date);
}

export function day(iso) {
  return format(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric" }).format(new Date(iso));
}

// "2–22 March 2026"; the end is the first moment that is no longer part of it.
export function dayRange(since, until) {
  return format(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric" }).formatRange(new Date(since), new Date(new Date(until) - 1));
}

// "5 minutes ago"; days at the most, then the date.
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (-seconds >= length) {
      return unit === "day" && -seconds > 7 * length ? day(iso) : format(Intl.RelativeTimeFormat, { numeric: "auto" }).format(Math.ceil(seconds / length), unit);
    }
  }
  return t("justNow");
}

export function speak(next) {
  language = next;
  localStorage.setItem("language", next);
  apply();
}

export function apply(root = document) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-hint]")) node.placeholder = t(node.dataset.tHint);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", button.dataset.lang === language);
}
