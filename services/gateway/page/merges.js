// Topics and atoms that were taken for the same, and the way to have both back.

import { call } from "./api.js";
import { button, element } from "./elements.js";
import { complain } from "./notices.js";
import { namedLink } from "./titles.js";
import { ago, decimal, t } from "./words.js";

export class Merges {
  constructor({ list, empty, onUndone }) {
    Object.assign(this, { list, empty, onUndone });
    this.items = [];
    this.loaded = false;
  }

  async refresh() {
    this.items = (await call("/api/v1/merges")).items;
    this.loaded = true;
    this.draw();
  }

  redraw() { if (this.loaded) this.draw(); }

  draw() {
    this.list.replaceChildren(...this.items.map((merge) => this.row(merge)));
    this.empty.hidden = this.items.length > 0;
  }

  row(merge) {
    const facts = [ago(merge.merged_at), merge.merged_by ?? t("byExtraction")];
    if (merge.similarity !== null) facts.push(t("similarity", { value: decimal(merge.similarity) }));
    if (merge.undone_at) facts.push(t("undoneBy", { who: merge.undone_by ?? "" }));
    const row = element("li", "merge", element("div", "", element("p", "", element("span", "kind", t(merge.entity === "topic" ? "aTopic" : "anAtom")), " ",
      namedLink(merge.entity, merge.merged_id), ` ${t("nowIn")} `, namedLink(merge.entity, merge.kept_id)), element("p", "meta", facts.join(" · "))));
    row.dataset.undone = Boolean(merge.undone_at);
    if (!merge.undone_at) row.append(button("act", t("undoMerge"), (event) => this.undo(merge, event.currentTarget)));
    return row;
  }

  async undo(merge, pressed) {
    pressed.disabled = true;
    try {
      await call(`/api/v1/merges/${merge.id}/undo`, { method: "POST" });
      await this.refresh();
      this.onUndone();
    } catch (error) {
      pressed.disabled = false;
      complain(error);
    }
  }
}
