// The audit log: who changed what, newest first.

import { button, element, options } from "./elements.js";
import { Listing } from "./listing.js";
import { complain } from "./notices.js";
import { many, t, when } from "./words.js";

const PATH = "/api/v1/audit";
const A_PAGE = 20;
const GOOD = 400;

export class AuditLog {
  constructor({ box, keys }) {
    Object.assign(this, { box, keys, key: "" });
    this.list = new Listing((cursor) => `${PATH}?${new URLSearchParams({ limit: A_PAGE, ...(this.key ? { key_id: this.key } : {}), ...(cursor ? { cursor } : {}) })}`);
  }

  async refresh() {
    if (await this.list.refresh()) this.draw();
  }

  draw() {
    if (!this.list.loaded) return;
    const choice = element("select");
    options(choice, [["", t("everyKey")], ...this.keys().map((key) => [key.id, key.name])], this.key);
    choice.setAttribute("aria-label", t("byKey"));
    choice.addEventListener("change", () => {
      this.key = choice.value;
      this.list.clear();
      this.refresh().catch(complain);
    });
    const more = button("more", t("more"), () => this.list.more().then(() => this.draw()).catch(complain));
    more.hidden = !this.list.cursor;
    const empty = element("p", "empty", t("noEntries"));
    empty.hidden = this.list.items.length > 0;
    this.box.replaceChildren(element("div", "tools", element("p", "meta", t("auditText")), element("span", "grow"), element("label", "pick", choice)),
      element("ul", "rows entries", ...this.list.items.map(row)), empty, more);
  }
}

function row(entry) {
  const what = entry.kind === "guesses" ? many("guesses", entry.attempts) : entry.kind === "sign_in" ? t("signedIn") : null;
  return element("li", "", element("div", "top", element("time", "meta", when(entry.at)), element("b", "", entry.key_name || entry.address),
    what ? element("span", "", what) : element("code", "", `${entry.method} ${entry.path}`), element("span", "grow"),
    entry.key_name ? element("span", "meta", entry.address) : null, outcome(entry)));
}

function outcome(entry) {
  if (entry.kind === "guesses") return null;
  if (entry.status === null) return element("span", "badge bad", t("notAnswered"));
  return element("span", entry.status < GOOD ? "badge" : "badge bad", String(entry.status));
}
