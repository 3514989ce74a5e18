// Long texts, of which the beginning is shown until somebody wants the rest.

import { button, element } from "./elements.js";
import { t } from "./words.js";

const LONG = 500;
const LINES = 6;

export const isLong = (text) => text.length >= LONG || text.split("\n").length > LINES;

// `nodes` are what stands in the paragraph: the text itself, or parts of it with marks.
export function foldable(text, nodes = [text]) {
  const paragraph = element("p", "said", ...nodes);
  if (!isLong(text)) return paragraph;
  paragraph.classList.add("folded");
  const more = button("quiet", t("whole"), () => { paragraph.classList.remove("folded"); more.remove(); }, "whole");
  return element("div", "", paragraph, more);
}
