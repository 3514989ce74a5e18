// The worker processes, by service, and what each does now.

import { drawPart, element } from "./elements.js";
import { elapsed } from "./elapsed.js";
import { traceButton } from "./tracing.js";
import { many, number, t } from "./words.js";

export function drawWorkers(box, workers) {
  const services = [...new Set(workers.map((worker) => worker.service))];
  drawPart(box, [workers.map(({ beat_at: _, ...worker }) => worker), Math.floor(Date.now() / 5000), document.documentElement.lang], () => (
    services.length ? services.map((service) => card(service, workers.filter((worker) => worker.service === service))) : [element("li", "empty", t("noWorkers"))]));
}

function card(service, workers) {
  const busy = workers.reduce((sum, worker) => sum + worker.running.length, 0);
  const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
  return element("li", "", element("div", "top", element("b", "", service), element("span", "meta", many("processes", workers.length)),
    element("span", "grow"), element("span", "meta", t("busyOf", { busy: number(busy), threads: number(threads) }))),
    ...workers.map(process));
}

function process(worker) {
  const title = `${worker.host} · ${worker.pid} · ${t("runningFor", { time: elapsed(worker.started_at) })}`;
  const rows = worker.running.map((task) => element("li", "", element("code", "", task.actor), element("span", "meta", elapsed(task.since)),
    task.attempt > 1 ? element("span", "badge held", t("attempt", { n: number(task.attempt) })) : null, element("span", "grow"),
    task.run_id ? traceButton(task.run_id, `trace-${task.task_id}`) : null));
  return element("div", "process", element("p", "meta", title), rows.length ? element("ul", "doing", ...rows) : element("p", "meta idle", t("idle")));
}
