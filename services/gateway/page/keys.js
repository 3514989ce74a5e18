// Keys by which one goes through a list of cards and decides.

// Keys are told by their place on the keyboard too, so that they work under a Cyrillic layout.
const CODES = { KeyA: "a", KeyE: "e", KeyJ: "j", KeyK: "k", KeyM: "m", KeyR: "r", KeyU: "u", KeyX: "x" };

// Null for what is meant for a field, a dialog or the browser.
export function keyOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return null;
  return CODES[event.code] ?? event.key.toLowerCase();
}

// `way` is `nextElementSibling` or `previousElementSibling`.
export function step(node, way) {
  look(node[way] ?? node);
}

export function look(node) {
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}
