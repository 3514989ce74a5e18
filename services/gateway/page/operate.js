// The view in which the system is operated: its services, queues, workers, and what was given up.

import { call, may } from "./api.js";
import { Failures } from "./failures.js";
import { LetterList } from "./letters.js";
import { drawServiceCards } from "./platform.js";
import { Queues } from "./queues.js";
import { throttled } from "./throttle.js";
import { drawWorkers } from "./crew.js";

const $ = (id) => document.getElementById(id);
const QUEUES_EVERY = 2000;
const HEALTH_EVERY = 10_000;

export class Operate {
  // `onDead` gets how many dead letters there are.
  constructor({ onDead }) {
    this.onDead = onDead;
    this.queues = new Queues({ list: $("queues"), empty: $("no-queues"), onChanged: () => this.loadQueues() });
    this.letters = new LetterList({ tools: $("letter-tools"), list: $("letters"), empty: $("no-letters"), more: $("more-letters"), onChanged: () => this.loadQueues() });
    this.failures = new Failures({ box: $("operate-note"), retry: () => this.refresh() });
    this.refreshLetters = throttled(() => this.loadLetters(), 1000);
    this.refreshDead = throttled(() => this.loadQueues(), 1500);
    this.looked = { queues: 0, health: 0 };
  }

  show() {
    return this.refresh();
  }

  refresh() {
    return Promise.all([this.loadHealth(), this.loadQueues(), this.loadWorkers(), this.loadLetters()]);
  }

  // Once a second while the view is shown: what is old is asked for again.
  tick() {
    const now = Date.now();
    if (now - this.looked.queues >= QUEUES_EVERY) { this.loadQueues(); this.loadWorkers(); }
    if (now - this.looked.health >= HEALTH_EVERY) this.loadHealth();
  }

  loadHealth() {
    this.looked.health = Date.now();
    return this.failures.watch("health", async () => {
      this.health = await call("/health/services");
      drawServiceCards($("operate-services"), this.health);
    });
  }

  loadQueues() {
    this.looked.queues = Date.now();
    return this.failures.watch("queues", async () => {
      const { items } = await call("/api/v1/tasks/queues");
      this.queues.update(items);
      this.letters.knowQueues(items);
      this.onDead(items.reduce((sum, queue) => sum + queue.dead, 0));
    });
  }

  loadWorkers() {
    return this.failures.watch("workers", async () => {
      this.workers = (await call("/api/v1/tasks/workers")).items;
      drawWorkers($("workers"), this.workers);
    });
  }

  loadLetters() {
    if (!may("admin")) return undefined;
    return this.failures.watch("letters", () => this.letters.refresh());
  }

  onFrame(_frame, isShown) {
    this.refreshDead();
    if (isShown) this.refreshLetters();
  }

  redraw() {
    if (this.health) drawServiceCards($("operate-services"), this.health);
    if (this.workers) drawWorkers($("workers"), this.workers);
    this.queues.redraw();
    this.letters.redraw();
  }
}
