// What differs between two texts, word by word.

import { element } from "./elements.js";

const LONGEST = 400;

// The longest common run of words in order; short texts only, so a table does.
function common(before, after) {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i][j] = before[i] === after[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

// Two lists of nodes: the text before, with what goes marked, and the text after, with what comes marked.
export function diff(before, after) {
  const [from, to] = [before, after].map((text) => text.split(/(\s+)/));
  if (from.length > LONGEST || to.length > LONGEST) return [[before], [after]];
  const lengths = common(from, to);
  const [old, fresh] = [[], []];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) { old.push(from[i++]); fresh.push(to[j++]); }
    else if (j >= to.length || (i < from.length && lengths[i + 1][j] >= lengths[i][j + 1])) old.push(element("del", "", from[i++]));
    else fresh.push(element("ins", "", to[j++]));
  }
  return [old, fresh];
}
