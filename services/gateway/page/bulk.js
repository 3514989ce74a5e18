// Approves at once what is shown, after asking once, and takes it back if that was a mistake.

import { button, element, keepingFocus } from "./elements.js";
import { toast } from "./notices.js";
import { review } from "./review.js";
import { many, t } from "./words.js";

const AT_A_TIME = 4;

async function reviewAll(ids, status, onEach) {
  const queue = [...ids];
  const done = [];
  const work = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const changed = await review("atoms", id, status);
      if (!changed) { queue.length = 0; return; }
      done.push(id);
      onEach(changed);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return done;
}

export class Bulk {
  constructor({ box, atoms }) {
    Object.assign(this, { box, atoms });
    this.asking = false;
    this.running = false;
  }

  draw() {
    if (this.running) return;
    const waiting = this.atoms.unreviewed();
    this.box.hidden = waiting.length < 2;
    keepingFocus(this.box, () => this.box.replaceChildren(...(this.asking && waiting.length ? this.question(waiting) : [this.offer(waiting)])));
  }

  offer(waiting) {
    return button("act", many("approveShown", waiting.length), () => { this.asking = true; this.draw(); }, "all");
  }

  question(waiting) {
    const no = () => { this.asking = false; this.draw(); };
    return [element("span", "", many("approveSure", waiting.length)),
      button("act good", t("yes"), () => this.approve(waiting.map((atom) => atom.id)), "all"), button("act", t("no"), no, "no")];
  }

  async approve(ids) {
    const done = await this.run(ids, "approved");
    if (!done.length) return;
    toast(many("approvedAll", done.length), { text: t("undo"), act: () => this.run(done, "needs_review") });
  }

  async run(ids, status) {
    this.asking = false;
    this.running = true;
    const progress = element("progress");
    progress.max = ids.length;
    progress.value = 0;
    progress.setAttribute("aria-label", t("approving"));
    this.box.replaceChildren(progress);
    const done = await reviewAll(ids, status, (atom) => {
      progress.value += 1;
      this.atoms.changed(atom);
    });
    this.running = false;
    this.atoms.draw();
    return done;
  }
}
