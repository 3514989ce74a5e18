// Imports of files and of histories: what is uploaded now, what runs, and what ended.

import { call } from "./api.js";
import { element } from "./elements.js";
import { clock, number, t } from "./words.js";

const SHOWN = 5;
const OPEN = ["pending", "running"];

export class Jobs {
  constructor({ list, empty, onError, onEnded }) {
    Object.assign(this, { list, empty, onError, onEnded });
    this.jobs = new Map();
    this.rows = new Map();
    this.uploads = new Set();
  }

  async refresh() {
    const { items } = await call(`/api/v1/ingestion/jobs?limit=${SHOWN}`);
    this.jobs = new Map(items.map((job) => [job.id, job]));
    this.draw();
  }

  update(job) {
    const before = this.jobs.get(job.id);
    if (before && !OPEN.includes(before.status) && OPEN.includes(job.status)) return;
    this.jobs.set(job.id, job);
    if (["completed", "failed"].includes(job.status) && before?.status !== job.status) this.onEnded(job);
    this.draw();
  }

  uploading(file) {
    const bar = element("i");
    const row = element("li", "job",
      element("div", "top", element("span", "name", file.name), element("span", "state", t("uploading"))),
      element("div", "meter", bar));
    this.uploads.add(row);
    this.draw();
    return {
      progress: (part) => { bar.style.width = `${part * 100}%`; },
      remove: () => { this.uploads.delete(row); this.draw(); },
    };
  }

  draw() {
    const newest = [...this.jobs.values()].sort((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, SHOWN);
    this.jobs = new Map(newest.map((job) => [job.id, job]));
    for (const id of this.rows.keys()) if (!this.jobs.has(id)) this.rows.delete(id);
    this.list.replaceChildren(...this.uploads, ...newest.map((job) => this.row(job)));
    this.empty.hidden = this.list.children.length > 0;
  }

  // A row keeps its bar, so that its width moves instead of jumping.
  row(job) {
    const old = this.rows.get(job.id);
    const meter = old?.querySelector(".meter") ?? element("div", "meter", element("i"));
    const part = job.status === "completed" ? 1 : job.total_batches ? (job.current_batch ?? 0) / job.total_batches : 0;
    meter.firstChild.style.width = `${part * 100}%`;
    meter.classList.toggle("unknown", job.status === "running" && !job.total_batches);
    meter.setAttribute("role", "progressbar");
    meter.setAttribute("aria-label", job.source_name);
    if (job.total_batches || job.status === "completed") meter.setAttribute("aria-valuenow", Math.round(part * 100));
    const counts = { fetched: number(job.messages_fetched ?? 0), stored: number(job.messages_stored ?? 0), skipped: number(job.messages_skipped ?? 0) };
    const errors = job.errors_count ? ` · ${t("jobErrors", { errors: number(job.errors_count) })}` : "";
    const foot = element("div", "foot", element("span", "sum", job.failure ?? t("jobSum", counts) + errors));
    const waits = waiting(job);
    if (OPEN.includes(job.status)) {
      const stop = element("button", "", t("cancel"));
      stop.type = "button";
      stop.addEventListener("click", () => call(`/api/v1/ingestion/jobs/${job.id}/cancel`, { method: "POST" }).then((changed) => this.update(changed), this.onError));
      foot.append(stop);
    }
    const row = old ?? element("li", "job");
    row.dataset.status = job.status;
    const name = element("span", "name", job.source_name);
    name.title = job.source_name;
    const state = `${job.kind === "history" ? `${t("history")} · ` : ""}${t(job.status)}`;
    row.replaceChildren(element("div", "top", name, element("span", "state", state)),
      ...(OPEN.includes(job.status) ? [meter] : []), ...(waits ? [waits] : []), foot);
    this.rows.set(job.id, row);
    return row;
  }
}

// Why a job stands still, until when; null while it does not.
function waiting(job) {
  if (!OPEN.includes(job.status) || !job.waiting_until || new Date(job.waiting_until) <= new Date()) return null;
  const words = element("p", "rests", t("restUntil", { time: clock(job.waiting_until) }));
  if (job.waiting_for) words.title = job.waiting_for;
  return words;
}
