// Making a run: for which project, of which period. What it will cost is shown before it begins.

import { call } from "./api.js";
import { alertLine, field, input, onSend } from "./dialogs.js";
import { anchor, button, element, options, press } from "./elements.js";
import { complain } from "./notices.js";
import { lastWeeks, latestOf, period } from "./periods.js";
import { OPEN } from "./run.js";
import { address } from "./router.js";
import { many, t } from "./words.js";

const WEEKS = [1, 2, 3, 6];
const AT_FIRST = 3;

export class RunForm {
  // `runs` tells which runs there are, `onMade` gets a new one.
  constructor({ box, projects, runs, onMade }) {
    Object.assign(this, { box, projects, runs, onMade });
    this.latest = null;
  }

  draw(project) {
    const select = element("select");
    select.name = "project";
    options(select, this.projects.items.map(({ id, name }) => [id, name]), project || this.projects.items[0]?.id);
    const wrong = alertLine();
    const submit = element("button", "primary", t("makeRun"));
    this.presets = element("div", "chips", ...WEEKS.map((weeks) => this.preset(weeks)));
    this.presets.setAttribute("role", "group");
    this.presets.setAttribute("aria-label", t("period"));
    this.inTheWay = element("p", "meta");
    const rag = input("use_rag", "checkbox", { checked: true });
    this.form = element("form", "edit card run-form", element("h2", "", t("whatToDo")),
      element("div", "period", field(t("project"), select), field(t("since"), input("since", "date", { required: true })), field(t("until"), input("until", "date", { required: true })), this.presets),
      element("label", "check", rag, element("span", "", t("useRag"))), this.inTheWay, wrong, element("div", "acts", submit));
    onSend(this.form, { submit, wrong, send: () => this.send() });
    select.addEventListener("change", () => this.suit());
    for (const name of ["since", "until"]) this.form.elements[name].addEventListener("input", () => press(this.presets, null));
    this.box.replaceChildren(this.form);
    this.suit();
  }

  preset(weeks) {
    return button("", many("weeks", weeks), (event) => { press(this.presets, event.currentTarget); this.fill(weeks); }, `weeks-${weeks}`);
  }

  get project() { return this.projects.find(this.form?.elements.project.value); }

  // The last weeks of what this project's chats have.
  async suit() {
    const { project } = this;
    this.warn();
    try {
      this.latest = await latestOf(project?.chat_ids ?? []);
    } catch (error) {
      return complain(error);
    }
    if (project?.id !== this.project?.id) return;
    press(this.presets, this.presets.querySelector(`[data-do="weeks-${AT_FIRST}"]`));
    this.fill(AT_FIRST);
  }

  fill(weeks) {
    if (this.latest) for (const [name, value] of Object.entries(lastWeeks(this.latest, weeks))) this.form.elements[name].value = value;
  }

  // One run at a time: the one that is not closed is named before it is refused.
  warn() {
    if (!this.form) return;
    const open = this.runs.items.find((run) => run.project_id === this.project?.id && OPEN.includes(run.status));
    this.inTheWay.hidden = !open;
    if (open) this.inTheWay.replaceChildren(t("runInTheWay"), " ", anchor("", address(`tasks/run/${open.id}`), t("showIt")));
  }

  async send() {
    const { project, use_rag: rag } = this.form.elements;
    this.onMade(await call("/api/v1/runs", { method: "POST", body: { project_id: project.value, ...period(this.form), use_rag: rag.checked } }));
  }
}
