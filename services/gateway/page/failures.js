// What could not be loaded stays said until it goes well; what may pass is tried again.

import { complain, reason } from "./notices.js";

const AGAIN = 5000;

export class Failures {
  constructor({ box, retry }) {
    Object.assign(this, { box, retry });
    this.failing = new Map();
    this.latest = new Map();
  }

  // Never throws; `part` names what is loaded. What went well clears nothing when it was begun again meanwhile.
  async watch(part, work) {
    const turn = Symbol(part);
    this.latest.set(part, turn);
    try {
      await work();
      if (this.latest.get(part) === turn) this.failing.delete(part);
    } catch (error) {
      if (error.status === 401) { complain(error); return; }
      this.failing.set(part, error);
      if (!error.status || error.status >= 500) this.tryAgain();
    }
    this.draw();
  }

  forget(part) {
    this.failing.delete(part);
    this.draw();
  }

  tryAgain() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (this.failing.size && this.box.closest(".view:not([hidden])")) this.retry(); }, AGAIN);
  }

  draw() {
    const words = [...new Set([...this.failing.values()].map(reason))].join(" ");
    this.box.hidden = !words;
    if (this.box.textContent !== words) this.box.textContent = words;
  }
}
