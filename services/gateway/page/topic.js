// The head of a chosen topic: what it is about, how sure it is, and what a person decides or changes.

import { call } from "./api.js";
import { editForm } from "./edit.js";
import { anchor, button, element, keepingFocus } from "./elements.js";
import { reason } from "./notices.js";
import { confidence, review, reviewButtons, stateBadge } from "./review.js";
import { namedLink } from "./titles.js";
import { tile } from "./topics.js";
import { many, t } from "./words.js";

export class TopicHead {
  constructor({ box, onChanged }) {
    Object.assign(this, { box, onChanged });
    this.topic = null;
  }

  // Null hides it.
  draw(topic) {
    const changed = JSON.stringify(topic) !== JSON.stringify(this.topic);
    if (topic?.id !== this.topic?.id) this.editing = false;
    this.topic = topic;
    this.box.hidden = !topic;
    if (!topic || this.editing || !changed) return;
    keepingFocus(this.box, () => this.box.replaceChildren(...this.parts()));
  }

  redraw() {
    const { topic } = this;
    this.topic = null;
    this.draw(topic);
  }

  parts() {
    const { topic } = this;
    const facts = element("p", "meta", `${many("atoms", topic.atoms)} · ${many("ofMessages", topic.messages)} · `, confidence(topic.confidence));
    const text = element("div", "about", element("h2", "", topic.name, " ", stateBadge(topic)), topic.description ? element("p", "", topic.description) : null, facts,
      topic.merged_into ? element("p", "replaced", `${t("mergedInto")} `, namedLink("topic", topic.merged_into)) : null,
      topic.drafts ? anchor("hint", "#/knowledge/changes", t("hasDrafts")) : null);
    const acts = element("div", "acts", ...reviewButtons(topic.status, (status) => this.decide(status)), button("quiet", t("edit"), () => this.edit(), "edit"));
    return [tile(topic), text, acts];
  }

  async decide(status) {
    const changed = await review("topics", this.topic.id, status);
    if (changed) this.taken(changed);
  }

  taken(topic) {
    this.draw(topic);
    this.onChanged(topic);
  }

  edit() {
    this.editing = true;
    const { id, name, description, icon, colour } = this.topic;
    const form = editForm({
      fields: [
        { name: "icon", label: "iconOf", value: icon, required: true, longest: 16, short: true },
        { name: "colour", label: "colourOf", value: colour, kind: "color" },
        { name: "name", label: "nameOf", value: name, required: true, longest: 100 },
        { name: "description", label: "descriptionOf", value: description, lines: 3, longest: 2000 },
      ],
      send: (body) => call(`/api/v1/topics/${id}`, { method: "PATCH", body }),
      onDone: (changed) => {
        this.editing = false;
        const topic = changed ?? this.topic;
        this.topic = null;
        this.draw(topic);
        this.box.querySelector('[data-do="edit"]').focus({ preventScroll: true });
        if (changed) this.onChanged(changed);
      },
      explain: reason,
    });
    this.box.replaceChildren(form);
    form.elements.name.focus();
  }
}
