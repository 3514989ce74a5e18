// Approves at once what is shown, after asking once, and takes it back if that was a mistake.

import { call } from "./api.js";
import { button, element, keepingFocus } from "./elements.js";
import { complain, toast } from "./notices.js";
import { many, t } from "./words.js";

const AT_A_TIME = 200;

// The atoms that have the status now; the API says of each whether it has.
async function reviewMany(ids, status) {
  const done = [];
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const { items } = await call("/api/v1/atoms/review", { method: "POST", body: { ids: ids.slice(from, from + AT_A_TIME), status } });
    done.push(...items.filter((outcome) => !outcome.error));
    const refused = items.find((outcome) => outcome.error);
    if (refused) toast(refused.error.message);
  }
  return done.map((outcome) => outcome.atom_id);
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
    if (done.length) toast(many("approvedAll", done.length), { text: t("undo"), act: () => this.run(done, "needs_review") });
  }

  async run(ids, status) {
    this.asking = false;
    this.running = true;
    for (const pressed of this.box.querySelectorAll("button")) pressed.disabled = true;
    let done = [];
    try {
      done = await reviewMany(ids, status);
      for (const id of done) this.atoms.changed({ ...this.atoms.listing.find(id), status });
      await this.atoms.refresh();
    } catch (error) {
      complain(error);
    } finally {
      this.running = false;
      this.draw();
    }
    return done;
  }
}
