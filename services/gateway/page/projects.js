// The projects: what a team works on, in which chats, and by which words.

import { call } from "./api.js";
import { chats } from "./chats.js";
import { alertLine, field, input, onSend } from "./dialogs.js";
import { anchor, button, element, place } from "./elements.js";
import { complain, toast } from "./notices.js";
import { t } from "./words.js";

const PATH = "/api/v1/projects";
const PRIORITIES = ["critical", "high", "medium", "low"];

const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const pairs = (text, sign) => lines(text).map((line) => line.split(sign)).filter(([name, ...rest]) => name.trim() && rest.length).map(([name, ...rest]) => [name.trim(), rest.join(sign).trim()]);

// How what has parts is written, one a line, and read again.
const WRITTEN = {
  glossary: { write: (glossary) => Object.entries(glossary).map(([word, meaning]) => `${word} = ${meaning}`).join("\n"), read: (text) => Object.fromEntries(pairs(text, "=")) },
  components: {
    write: (components) => components.map(({ name, keywords }) => (keywords.length ? `${name}: ${keywords.join(", ")}` : name)).join("\n"),
    read: (text, before) => lines(text).map((line) => {
      const [name, ...rest] = line.split(":");
      const known = before.find((one) => one.name === name.trim());
      return { ...known, name: name.trim(), keywords: words(rest.join(":")) };
    }),
  },
};

export class Projects {
  constructor({ list, empty }) {
    Object.assign(this, { list, empty });
    this.items = [];
    this.chosen = "";
    this.loaded = false;
  }

  find(id) { return this.items.find((project) => project.id === id); }

  async refresh() {
    this.items = (await call(PATH)).items;
    this.loaded = true;
    this.draw();
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  draw() {
    this.empty.hidden = !this.loaded || this.items.length > 0;
    place(this.list, this.items.map((project) => {
      const link = anchor("", `#/tasks/project/${project.id}`, element("span", "name", project.name));
      if (project.id === this.chosen) link.setAttribute("aria-current", "page");
      return element("li", "", link);
    }));
  }
}

// Makes a project, or changes `project`. `onDone` gets it, or null when the form was left or it was deleted.
export function projectForm({ project = null, onDone }) {
  const was = { name: suggestedName(), description: "", chat_ids: [], keywords: [], mentions: [], min_length: 0, glossary: {}, components: [], priority_rules: [], ...project };
  const form = element("form", "edit card project-form");
  const wrong = alertLine();
  const submit = element("button", "primary", t(project ? "save" : "makeProject"));
  const area = (name, value, more = {}) => Object.assign(element("textarea"), { name, value, rows: 3, ...more });
  const name = input("name", "text", { value: was.name, required: true, maxLength: 100, autocomplete: "off" });
  const rules = PRIORITIES.map((priority) => field(t(`urgent_${priority}`), input(`rule_${priority}`, "text", { value: was.priority_rules.filter((rule) => rule.priority === priority).flatMap((rule) => rule.keywords).join(", ") })));
  form.append(element("h2", "", t(project ? "editProject" : "newProject")), element("p", "meta", t("projectText")), field(t("nameOf"), name), chatBoxes(was.chat_ids),
    field(t("keywords"), input("keywords", "text", { value: was.keywords.join(", ") }), t("keywordsHint")),
    element("details", "", element("summary", "", t("moreOfProject")),
      field(t("descriptionOf"), area("description", was.description, { maxLength: 10_000 })),
      element("div", "pair", field(t("mentions"), input("mentions", "text", { value: was.mentions.join(", ") }), t("mentionsHint")),
        field(t("minLength"), input("min_length", "number", { value: was.min_length, min: 0, max: 1000 }), t("minLengthHint"))),
      field(t("glossary"), area("glossary", WRITTEN.glossary.write(was.glossary)), t("glossaryHint")),
      field(t("components"), area("components", WRITTEN.components.write(was.components)), t("componentsHint")),
      element("fieldset", "urgent", element("legend", "", t("urgentWords")), element("div", "pair", ...rules))),
    wrong, element("div", "acts", submit, button("act", t("leaveEdit"), () => onDone(null)), element("span", "grow"), project ? removal(project, onDone) : null));
  onSend(form, {
    submit, wrong,
    send: async () => {
      const body = wanted(form, was);
      const made = project ? await call(`${PATH}/${project.id}`, { method: "PATCH", body: { ...body, version: project.version } }) : await call(PATH, { method: "POST", body });
      onDone(made);
    },
  });
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") onDone(null); });
  return form;
}

// Where there is one chat alone, its project is most likely called like it.
const suggestedName = () => (chats.items.length === 1 ? (chats.items[0].title ?? "").slice(0, 100) : "");

// No chat chosen is all of them.
function chatBoxes(chosen) {
  const boxes = chats.items.map((chat) => {
    const box = input("chat", "checkbox", { value: chat.id, checked: chosen.some((id) => id === chat.id || (chat.ids ?? []).includes(id)) });
    return element("label", "check", box, element("span", "", chat.title ?? t("untitled")));
  });
  return element("fieldset", "boxes", element("legend", "", t("chatsOf")), element("p", "meta", t("chatsHint")), ...boxes);
}

function wanted(form, was) {
  const { elements } = form;
  return {
    name: elements.name.value.trim(), description: elements.description.value.trim(),
    chat_ids: [...form.querySelectorAll("[name=chat]:checked")].map((box) => Number(box.value)),
    keywords: words(elements.keywords.value), mentions: words(elements.mentions.value).map((name) => name.replace(/^@/, "")),
    min_length: Number(elements.min_length.value),
    glossary: WRITTEN.glossary.read(elements.glossary.value), components: WRITTEN.components.read(elements.components.value, was.components),
    priority_rules: PRIORITIES.map((priority) => ({ priority, keywords: words(elements[`rule_${priority}`].value) })).filter((rule) => rule.keywords.length),
  };
}

// Asks once before it deletes.
function removal(project, onDone) {
  const remove = button("act bad", t("remove"), async () => {
    if (!remove.dataset.sure) { remove.dataset.sure = "yes"; remove.textContent = t("removeSure"); return; }
    try {
      await call(`${PATH}/${project.id}`, { method: "DELETE" });
      toast(t("projectGone"));
      onDone(null);
    } catch (error) {
      complain(error);
    }
  });
  remove.addEventListener("blur", () => { delete remove.dataset.sure; remove.textContent = t("remove"); });
  return remove;
}
