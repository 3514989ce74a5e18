// Texts with parts of them marked.

import { element } from "./elements.js";

// `ranges` are [start, end) in UTF-16 units; they may overlap. `tag` is what they are marked as.
export function marked(text, ranges, tag = "mark") {
  const parts = [];
  let at = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    if (from > at) parts.push(text.slice(at, from));
    parts.push(element(tag, "", text.slice(from, end)));
    at = end;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

// The API counts characters, scripts count UTF-16 units: an emoji is one of the former and two of the latter.
export function inUnits(text, ranges) {
  if (!ranges.length || text.length === Array.from(text).length) return ranges;
  const units = [0];
  for (const character of text) units.push(units.at(-1) + character.length);
  const at = (position) => units[Math.min(position, units.length - 1)];
  return ranges.map(([start, end]) => [at(start), at(end)]);
}

// So far in, in UTF-16 units, a first mark may be out of sight where texts are folded; so much is said before it.
const FAR = 240;
const LEAD = 60;

// A text from shortly before its first mark, if that is far in, with its ranges there.
export function fromFirst(text, ranges) {
  const first = Math.min(...ranges.map(([start]) => start));
  if (!ranges.length || first < FAR) return [text, ranges];
  const blank = text.slice(first - LEAD, first).search(/\s/);
  const cut = blank < 0 ? first : first - LEAD + blank + 1;
  return [`… ${text.slice(cut)}`, ranges.map((range) => range.map((at) => at - cut + 2))];
}

// Where a quote stands in a text; white space counts as one blank, whatever it is.
export function quoteRange(text, quote) {
  const words = quote.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = words[0] ? new RegExp(words.join("\\s+")).exec(text) : null;
  return found ? [[found.index, found.index + found[0].length]] : [];
}
