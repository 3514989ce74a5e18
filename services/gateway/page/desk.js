// Where runs are begun, and projects are made and changed: one form at a time.

import { toast } from "./notices.js";
import { projectForm } from "./projects.js";
import { address, go } from "./router.js";
import { RunForm } from "./run-form.js";
import { t } from "./words.js";

export class Desk {
  constructor({ box, editButton, projects, runs, onMade }) {
    Object.assign(this, { box, editButton, projects });
    this.shown = "";
    this.projectId = "";
    this.form = new RunForm({ box, projects, runs, onMade });
    editButton.addEventListener("click", () => this.edit());
  }

  // `wanted` is a project's id, "new", or empty for all projects.
  draw(wanted) {
    if (!this.projects.loaded) return;
    const isNew = wanted === "new" || !this.projects.items.length;
    this.projectId = isNew ? "" : wanted;
    const shown = isNew ? "new" : `${wanted} ${this.projects.items.map(({ id, name }) => id + name)}`;
    // What somebody writes is not drawn anew under his hands.
    if ([shown, `edit ${wanted}`].includes(this.shown)) return;
    this.shown = shown;
    if (isNew) this.box.replaceChildren(projectForm({ onDone: (project) => this.made(project) }));
    else this.form.draw(wanted);
    this.editButton.hidden = isNew || !wanted;
  }

  // Another language: the form anew.
  redraw(wanted) {
    this.shown = "";
    this.draw(wanted);
  }

  edit() {
    const project = this.projects.find(this.projectId);
    if (!project) return;
    this.shown = `edit ${project.id}`;
    this.editButton.hidden = true;
    this.box.replaceChildren(projectForm({ project, onDone: (changed) => this.made(changed, project) }));
    this.box.querySelector("input").focus();
  }

  made(project, before = null) {
    if (project) toast(t(before ? "projectKept" : "projectMade"));
    this.shown = "";
    const kept = project ?? before;
    go(address(kept ? `tasks/project/${kept.id}` : "tasks"));
  }
}
