// Jobs that read histories, below the account: those that are open, and the last one that ended.

import { call } from "./api.js";
import { element } from "./elements.js";
import { Jobs } from "./jobs.js";
import { complain } from "./notices.js";

const SHOWN = 3;

export class HistoryJobs extends Jobs {
  constructor({ onEnded }) {
    const list = element("ul", "jobs history-jobs");
    super({ list, empty: element("p"), onError: complain, onEnded });
    this.node = list;
  }

  async refresh() {
    const { items } = await call(`/api/v1/ingestion/jobs?kind=history&limit=${SHOWN}`);
    this.jobs = new Map(items.map((job) => [job.id, job]));
    this.draw();
  }

  update(job) {
    if (job.kind === "history") super.update(job);
  }
}
