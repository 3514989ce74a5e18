// One dead letter: what failed and why; unfolded, what it was to do and where it failed.

import { call } from "./api.js";
import { button, element, time } from "./elements.js";
import { complain, toast } from "./notices.js";
import { traceButton } from "./tracing.js";
import { ago, many, t, when } from "./words.js";

export class LetterCard {
  // `onGone` is told when it was requeued or deleted.
  constructor(letter, { onGone }) {
    Object.assign(this, { letter, onGone, path: `/api/v1/tasks/dead-letters/${letter.sequence}` });
    this.details = element("div", "inside-letter");
    this.details.hidden = true;
    this.unfold = button("quiet", t("lookInto"), () => this.toggle(), `look-${letter.sequence}`);
    this.unfold.setAttribute("aria-expanded", "false");
    this.acts = element("div", "acts", this.unfold, button("act", t("requeue"), () => this.change("requeue"), `requeue-${letter.sequence}`), button("act bad", t("delete"), () => this.change("delete"), `delete-${letter.sequence}`),
      letter.run_id ? traceButton(letter.run_id, `trace-${letter.sequence}`) : null);
    const kind = letter.exception.split(".").at(-1);
    this.node = element("li", "letter", element("div", "top", element("code", "", letter.actor || "?"), element("span", "badge bad", t(`reason_${letter.reason}`)), element("span", "meta", letter.queue),
      element("span", "grow"), time("meta", letter.last_at, ago(letter.last_at))),
      element("p", "error", kind ? element("b", "", `${kind}${letter.error ? ": " : ""}`) : null, letter.error),
      this.acts, this.details);
  }

  async toggle() {
    const opens = this.details.hidden;
    if (opens && !this.details.children.length) {
      try {
        this.details.replaceChildren(...contents(await call(this.path)));
      } catch (error) {
        complain(error);
        if (error.status === 404) this.onGone();
        return;
      }
    }
    this.details.hidden = !opens;
    this.unfold.setAttribute("aria-expanded", String(opens));
  }

  async change(what) {
    for (const one of this.acts.querySelectorAll("button")) one.disabled = true;
    try {
      if (what === "requeue") await call(`${this.path}/requeue`, { method: "POST" });
      else await call(this.path, { method: "DELETE" });
      toast(many(`${what}dAll`, 1));
    } catch (error) {
      complain(error);
      for (const one of this.acts.querySelectorAll("button")) one.disabled = false;
    }
    this.onGone();
  }
}

function contents(letter) {
  const facts = [many("tries", letter.attempts), t("firstAt", { time: when(letter.first_at) }), t("lastAt", { time: when(letter.last_at) }), letter.task_id ? `id ${letter.task_id}` : null].filter(Boolean);
  return [element("p", "meta", facts.join(" · ")),
    element("h3", "", t("arguments")), block(letter.arguments === null || letter.arguments === undefined ? letter.payload ?? "" : JSON.stringify(letter.arguments, null, 2), t("arguments")),
    ...(letter.traceback ? [element("h3", "", t("whereItFailed")), block(letter.traceback, t("whereItFailed"))] : [])];
}

// Long lines scroll within; by keyboard, too.
function block(text, label) {
  const made = element("pre", "", text);
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", label);
  return made;
}
