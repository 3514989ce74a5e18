// How atoms stand to each other: "solves …", "contradicts …". Asked for when an atom comes near the screen.

import { call } from "./api.js";
import { anchor, button, element } from "./elements.js";
import { titleOf } from "./titles.js";
import { t } from "./words.js";

const NEAR = "600px";
const wanted = new WeakMap();

const watcher = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    wanted.get(target)?.();
  }
}, { rootMargin: NEAR });

// Fills `slot` with the first link; the slot has its room already, so nothing moves.
export function fillLinks(slot, atomId) {
  wanted.set(slot, async () => {
    try {
      const { items } = await call(`/api/v1/atoms/${atomId}/links`);
      const lines = await Promise.all(items.map((link) => line(link, atomId)));
      draw(slot, lines.filter(Boolean));
    } catch {
      slot.replaceChildren();
    }
  });
  watcher.observe(slot);
}

async function line(link, atomId) {
  const outgoing = link.from_atom === atomId;
  const other = outgoing ? link.to_atom : link.from_atom;
  const title = await titleOf("atom", other);
  if (title === null) return null;
  const row = anchor("to", `#/knowledge/atom/${other}`, element("span", "", t(`${link.type}_${outgoing ? "to" : "from"}`)), ` ${title}`);
  row.title = title;
  return row;
}

function draw(slot, lines) {
  if (!lines.length) return;
  const rest = lines.length - 1;
  slot.replaceChildren(lines[0]);
  if (!rest) return;
  const more = button("quiet", `+${rest}`, () => { slot.replaceChildren(...lines); slot.classList.add("all"); lines[1].focus(); }, "links");
  more.setAttribute("aria-label", t("moreLinks"));
  slot.append(more);
}
