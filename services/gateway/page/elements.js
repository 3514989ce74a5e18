// Elements, made without markup: whatever people wrote stays text.

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// `name` tells buttons apart when what they stand in is drawn anew, see keepingFocus.
export function button(className, text, onClick, name = "") {
  const made = element("button", className, text);
  made.type = "button";
  if (name) made.dataset.do = name;
  made.addEventListener("click", onClick);
  return made;
}

export function anchor(className, href, ...children) {
  const made = element("a", className, ...children);
  made.href = href;
  return made;
}

export function time(className, iso, text) {
  const made = element("time", className, text);
  made.dateTime = iso;
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.dot);
  svg.append(path);
  return svg;
}

export function options(select, pairs, chosen = select.value) {
  select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

export function press(group, chosen) {
  for (const one of group.querySelectorAll("button")) one.setAttribute("aria-pressed", one === chosen);
}

// Puts the rows in order with as few moves as needed, so that focus and animations stay.
export function place(list, rows) {
  rows.forEach((row, position) => {
    if (list.children[position] !== row) list.insertBefore(row, list.children[position] ?? null);
  });
  while (list.children.length > rows.length) list.lastChild.remove();
}

// Draws anew without losing the keyboard's place: what had the focus is found again by its name.
export function keepingFocus(root, draw) {
  const had = root.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (!had || (had.isConnected && document.activeElement === had)) return;
  const again = had.dataset.do && root.querySelector(`[data-do="${CSS.escape(had.dataset.do)}"]:not(:disabled)`);
  (again || root.querySelector("button:not(:disabled), a[href], input, select"))?.focus({ preventScroll: true });
}

// Draws a part anew when what it is drawn from has changed; what was unfolded, and what has the focus, stays.
export function drawPart(node, from, draw) {
  const said = JSON.stringify(from);
  if (node.said === said) return;
  node.said = said;
  keepingFocus(node, () => node.replaceChildren(...draw()));
}
