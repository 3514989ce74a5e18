// The services: which are ready, and what each of the others lacks.

import { drawPart, element } from "./elements.js";
import { list, t } from "./words.js";

export function drawServiceCards(box, health) {
  drawPart(box, [health, document.documentElement.lang], () => Object.entries(health.checks).map(([name, found]) => {
    const lacking = Object.entries(found.checks ?? {}).filter(([, check]) => !check.ok);
    const item = element("li", "", element("i"), element("b", "", name),
      element("span", "meta", found.ok ? t("ready") : t("notReady")),
      health.paused?.includes(name) ? element("span", "badge held", t("paused")) : null,
      element("span", "grow"), found.version ? element("span", "meta", found.version) : null,
      lacking.length || found.detail ? element("p", "wrong", lacking.length ? list(lacking.map(([what, check]) => `${what}: ${check.detail ?? "?"}`)) : found.detail) : null);
    item.dataset.ok = found.ok;
    return item;
  }));
}
