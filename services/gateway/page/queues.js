// The queues: how full each is, who works on it, and holding one.

import { call, may } from "./api.js";
import { ask, field } from "./dialogs.js";
import { button, drawPart, element, options, place } from "./elements.js";
import { span } from "./elapsed.js";
import { complain, toast } from "./notices.js";
import { many, number, t, when } from "./words.js";

const KINDS = ["in_progress", "ready", "in_line", "delayed"];
// Minutes; "" holds it until somebody resumes it.
const FOR = ["", "15", "60", "480"];

export class Queues {
  constructor({ list, empty, onChanged }) {
    Object.assign(this, { list, empty, onChanged, items: null });
    this.rows = new Map();
  }

  update(items) {
    this.items = items;
    this.draw();
  }

  draw() {
    if (!this.items) return;
    const most = Math.max(1, ...this.items.map((queue) => KINDS.reduce((sum, kind) => sum + queue[kind], 0)));
    const names = new Set(this.items.map((queue) => queue.queue));
    for (const name of this.rows.keys()) if (!names.has(name)) this.rows.delete(name);
    place(this.list, this.items.map((queue) => this.row(queue, most)));
    this.empty.hidden = this.items.length > 0;
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
    this.draw();
  }

  // A row keeps its bar, so that its parts move instead of jumping.
  row(queue, most) {
    const known = this.rows.get(queue.queue) ?? newRow();
    this.rows.set(queue.queue, known);
    known.node.dataset.held = queue.paused ? "yes" : "no";
    KINDS.forEach((kind, index) => { known.bar.children[index].style.width = `${(queue[kind] / most) * 100}%`; });
    known.bar.setAttribute("aria-label", figures(queue).join(", "));
    drawPart(known.top, [queue.queue, queue.paused, queue.paused_until], () => this.top(queue));
    drawPart(known.facts, queue, () => facts(queue));
    return known.node;
  }

  top(queue) {
    const parts = [element("b", "", queue.queue)];
    if (queue.paused) parts.push(element("span", "badge held", queue.paused_until ? t("pausedUntil", { time: when(queue.paused_until) }) : t("paused")));
    parts.push(element("span", "grow"));
    if (may("admin")) {
      parts.push(queue.paused ? button("act good", t("resume"), () => this.resume(queue), `hold-${queue.queue}`) : button("act", t("pause"), () => this.pause(queue), `hold-${queue.queue}`));
    }
    return parts;
  }

  pause(queue) {
    const chosen = element("select");
    options(chosen, FOR.map((minutes) => [minutes, t(`pause_${minutes || "ever"}`)]), "");
    ask({
      title: t("pauseQueue", { name: queue.queue }),
      parts: [element("p", "meta", t("pauseText")), field(t("pauseFor"), chosen)],
      go: t("pause"),
      send: async () => {
        const until = chosen.value ? new Date(Date.now() + Number(chosen.value) * 60_000).toISOString() : null;
        await call(path(queue, "pause"), { method: "POST", body: { until } });
        this.onChanged();
      },
    });
  }

  async resume(queue) {
    try {
      await call(path(queue, "resume"), { method: "POST" });
      toast(t("resumed", { name: queue.queue }));
    } catch (error) {
      complain(error);
    }
    this.onChanged();
  }
}

const path = (queue, what) => `/api/v1/tasks/queues/${encodeURIComponent(queue.queue)}/${what}`;

function newRow() {
  const bar = element("div", "load", ...KINDS.map((kind) => element("i", `of-${kind}`)));
  bar.setAttribute("role", "img");
  const known = { bar, top: element("div", "top"), facts: element("div", "facts") };
  return { ...known, node: element("li", "queue", known.top, bar, known.facts) };
}

function figures(queue) {
  return KINDS.filter((kind) => queue[kind]).map((kind) => many(`n_${kind}`, queue[kind]));
}

function facts(queue) {
  const said = figures(queue);
  const legend = element("p", "legend", ...(said.length ? KINDS.filter((kind) => queue[kind]).map((kind, index) => element("span", "", element("i", `of-${kind}`), said[index])) : [element("span", "", t("nothingWaits"))]));
  const more = [
    queue.oldest_seconds === null ? null : t("oldest", { time: span(queue.oldest_seconds) }),
    queue.redelivered ? many("redelivered", queue.redelivered) : null,
    queue.workers ? `${many("processes", queue.workers)}, ${t("busyOf", { busy: number(queue.busy), threads: number(queue.threads) })}` : null,
  ].filter(Boolean);
  return [legend, element("p", "meta", more.join(" · ")),
    queue.workers ? null : element("p", "wrong", t("nobodyWorks")),
    queue.dead ? element("p", "bad", many("n_dead", queue.dead)) : null].filter(Boolean);
}
