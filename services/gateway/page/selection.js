// Deciding about many proposals at once: those that were chosen, with a way back.

import { decideMany, revert } from "./decisions.js";
import { button, element, keepingFocus } from "./elements.js";
import { complain, toast } from "./notices.js";
import { many, t } from "./words.js";

const DONE = { approve: "approvedMany", reject: "rejectedMany" };

export class Selection {
  constructor({ box, proposals }) {
    Object.assign(this, { box, proposals });
    this.running = false;
  }

  draw() {
    if (this.running) return;
    const waiting = this.proposals.waiting().length;
    const chosen = this.proposals.chosen();
    this.box.hidden = waiting < 2;
    keepingFocus(this.box, () => this.box.replaceChildren(this.all(waiting, chosen.length), ...(chosen.length ? this.offers(chosen) : [])));
  }

  all(waiting, chosen) {
    const box = Object.assign(element("input"), { type: "checkbox", checked: chosen === waiting, indeterminate: chosen > 0 && chosen < waiting });
    box.dataset.do = "all";
    box.addEventListener("change", () => this.proposals.chooseAll(chosen < waiting));
    return element("label", "check", box, element("span", "", chosen ? many("chosen", chosen) : t("chooseAll")));
  }

  offers(ids) {
    return [button("act good", t("approve"), () => this.decide(ids, "approve"), "approve"), button("act bad", t("reject"), () => this.decide(ids, "reject"), "reject"),
      button("quiet", t("chooseNone"), () => this.proposals.chooseAll(false), "none")];
  }

  async decide(ids, decision) {
    await this.run(async () => {
      const { done, refused } = await decideMany(ids, decision);
      const status = decision === "approve" ? "approved" : "rejected";
      const decided = done.map((one) => one.proposal_id);
      this.proposals.changed(decided.map((id) => ({ ...this.proposals.listing.find(id), status })));
      if (refused) toast(refused);
      else toast(many(DONE[decision], decided.length), { text: t("undo"), act: () => this.takeBack(decided) });
    });
  }

  takeBack(ids) {
    return this.run(async () => {
      for (const id of ids) this.proposals.changed([await revert(id)]);
    });
  }

  async run(work) {
    this.running = true;
    for (const pressed of this.box.querySelectorAll("button, input")) pressed.disabled = true;
    try {
      await work();
      await this.proposals.refresh();
    } catch (error) {
      complain(error);
    } finally {
      this.running = false;
      this.draw();
    }
  }
}
