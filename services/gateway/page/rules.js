// Automation rules: what is sure enough to be approved without a person.

import { call } from "./api.js";
import { TYPES } from "./atom.js";
import { editForm } from "./edit.js";
import { button, element } from "./elements.js";
import { complain, reason } from "./notices.js";
import { decimal, list as inOne, many, t } from "./words.js";

const TARGETS = ["atom", "topic", "atom_version", "topic_version"];
const PATH = "/api/v1/automation-rules";

const asNumber = (text) => Number(text);

export class Rules {
  constructor({ box }) {
    this.box = box;
    this.items = null;
    this.adding = false;
  }

  async refresh() {
    this.items = (await call(PATH)).items;
    this.draw();
  }

  draw() {
    if (!this.items || this.adding) return;
    const rows = this.items.map((rule) => this.row(rule));
    const add = button("act", t("addRule"), () => this.add(), "add");
    this.box.replaceChildren(element("p", "meta", t("rulesText")), element("ul", "rows", ...rows), element("div", "acts", add));
  }

  redraw() {
    this.adding = false;
    this.draw();
  }

  row(rule) {
    const conditions = [t("fromConfidence", { value: decimal(rule.min_confidence) })];
    if (rule.min_similarity) conditions.push(t("fromSimilarity", { value: decimal(rule.min_similarity) }));
    if (rule.atom_types.length) conditions.push(inOne(rule.atom_types.map((type) => t(type).toLowerCase())));
    const facts = [t(`target_${rule.applies_to}`), ...conditions, many("ruleApproved", rule.approved)];
    const act = (method, body) => this.act(`${PATH}/${rule.id}`, method, body);
    const turn = button("act", t(rule.enabled ? "turnOff" : "turnOn"), () => act("PATCH", { enabled: !rule.enabled }));
    return element("li", "provider", element("div", "top", element("b", "", rule.name), element("span", "grow"), rule.enabled ? element("span", "badge", t("active")) : null),
      element("p", "meta", facts.join(" · ")), element("div", "acts", turn, button("act bad", t("remove"), () => act("DELETE"))));
  }

  async act(path, method, body) {
    try {
      await call(path, { method, body });
      await this.refresh();
    } catch (error) {
      complain(error);
    }
  }

  add() {
    this.adding = true;
    const form = editForm({
      fields: [
        { name: "applies_to", label: "ruleFor", value: "atom", choices: TARGETS.map((target) => [target, t(`target_${target}`)]) },
        { name: "name", label: "nameOf", value: "", required: true, longest: 100 },
        { name: "min_confidence", label: "ruleConfidence", value: "0.8", kind: "number", most: 1, read: asNumber },
        { name: "min_similarity", label: "ruleSimilarity", value: "0", kind: "number", most: 1, read: asNumber },
        { name: "atom_types", label: "ruleType", value: "", choices: [["", t("allTypes")], ...TYPES.map((type) => [type, t(type)])], read: (type) => (type ? [type] : []) },
      ],
      whole: true,
      send: (body) => call(PATH, { method: "POST", body: suited(body) }),
      onDone: (made) => {
        this.adding = false;
        this.draw();
        this.box.querySelector('[data-do="add"]').focus({ preventScroll: true });
        if (made) this.refresh().catch(complain);
      },
      explain: reason,
    });
    this.box.replaceChildren(form);
    form.elements.applies_to.focus();
  }
}

// Similarity is for changes alone, types are for atoms alone.
function suited(body) {
  if (!body.applies_to.endsWith("_version")) delete body.min_similarity;
  if (!body.applies_to.startsWith("atom")) delete body.atom_types;
  return body;
}
