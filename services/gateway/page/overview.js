// Counts by class, the pace, and the services.

import { element } from "./elements.js";
import { number, percent, t } from "./words.js";

export const CLASSES = ["signal", "weak_signal", "noise"];

export function drawStats(stats, { total, split, classes }) {
  total.textContent = number(stats.total);
  const share = (name) => (stats.total ? (stats.by_class[name] ?? 0) / stats.total : 0);
  if (split.children.length !== CLASSES.length) split.replaceChildren(...CLASSES.map((name) => element("i", `of-${name}`)));
  CLASSES.forEach((name, place) => { split.children[place].style.flexGrow = share(name) * 1000; });
  split.setAttribute("aria-label", CLASSES.map((name) => `${t(name)} ${percent(share(name))}`).join(", "));
  classes.replaceChildren(...CLASSES.map((name) => element("div", "",
    element("dt", "", element("i", `of-${name}`), t(name)),
    element("dd", "", number(stats.by_class[name] ?? 0)), element("dd", "", percent(share(name))))));
}

export function drawServices(health, list) {
  list.replaceChildren(...Object.entries(health.checks).map(([name, found]) => {
    const broken = Object.entries(found.checks ?? {}).filter(([, check]) => !check.ok).map(([what]) => what);
    const item = element("li", "", element("i"), element("span", "", name),
      element("small", "", found.ok ? t("ready") : broken.join(", ") || t("down")));
    item.dataset.ok = found.ok;
    item.title = found.detail ?? "";
    return item;
  }));
}

// How many were scored in each of the last 60 seconds; the figure is the mean of the last five.
export class Pace {
  constructor(figure, chart) {
    this.figure = figure;
    this.path = chart.querySelector("path");
    this.seconds = new Array(60).fill(0);
    this.draw();
  }

  add(count) { this.seconds[this.seconds.length - 1] += count; }

  tick() {
    this.seconds.push(0);
    this.seconds.shift();
    this.draw();
  }

  draw() {
    const mean = this.seconds.slice(-6, -1).reduce((sum, count) => sum + count, 0) / 5;
    this.figure.textContent = mean >= 10 || mean === 0 ? number(Math.round(mean)) : number(Math.round(mean * 10) / 10);
    const top = Math.max(...this.seconds, 1);
    const points = this.seconds.slice(0, -1).map((count, place) => `${((place * 120) / 58).toFixed(1)} ${(27 - (count / top) * 26).toFixed(1)}`);
    this.path.setAttribute("d", `M${points.join("L")}`);
  }
}
