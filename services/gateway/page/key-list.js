// API keys: who has one, and making, rotating and revoking them. A key's text is shown once.

import { call } from "./api.js";
import { ask, field, input } from "./dialogs.js";
import { editForm } from "./edit.js";
import { button, element, keepingFocus, options } from "./elements.js";
import { complain, reason, toast } from "./notices.js";
import { ago, day, t, when } from "./words.js";

const PATH = "/api/v1/keys";
const MOST = 200;
const SCOPES = ["read", "read,write", "write", "admin"];
const DAYS = ["", "30", "90", "365"];
const GRACES = ["24", "1", "168", "0"];
const DAY = 86_400_000;

export class KeyList {
  constructor({ box, onChanged }) {
    Object.assign(this, { box, onChanged, items: null, revoked: false, adding: false });
  }

  async refresh() {
    this.items = (await call(`${PATH}?limit=${MOST}&revoked=${this.revoked}`)).items;
    this.draw();
  }

  draw() {
    if (!this.items || this.adding) return;
    const every = element("input");
    Object.assign(every, { type: "checkbox", checked: this.revoked });
    every.dataset.do = "revoked";
    every.addEventListener("change", () => { this.revoked = every.checked; this.refresh().catch(complain); });
    const acts = element("div", "acts", button("act", t("makeKey"), () => this.add(), "make"), element("label", "check", every, t("withRevoked")));
    keepingFocus(this.box, () => this.box.replaceChildren(
      element("p", "meta", t("apiKeysText")), element("ul", "rows", ...this.items.map((key) => this.row(key))), acts));
  }

  redraw() {
    this.adding = false;
    this.draw();
  }

  row(key) {
    const over = key.revoked_at ? t("keyRevoked", { day: day(key.revoked_at) }) : isPast(key.expires_at) ? t("keyExpired", { day: day(key.expires_at) }) : null;
    const top = element("div", "top", element("b", "", key.name), element("span", "kind", scopesOf(key.scopes)), element("span", "grow"),
      over ? element("span", "badge bad", over) : null);
    const acts = key.revoked_at ? null : element("div", "acts",
      over ? null : button("act", t("rotate"), () => this.rotate(key), `rotate-${key.id}`),
      button("act bad", t("revoke"), () => this.revoke(key), `revoke-${key.id}`));
    return element("li", "provider", top, element("p", "meta", facts(key).join(" · ")), acts);
  }

  add() {
    this.adding = true;
    const form = editForm({
      fields: [
        { name: "name", label: "nameOf", value: "", required: true, longest: 200 },
        { name: "scopes", label: "mayDo", value: "read,write", choices: SCOPES.map((scopes) => [scopes, scopesOf(scopes.split(","))]), read: (text) => text.split(",") },
        { name: "expires_at", label: "validFor", value: "90", choices: DAYS.map((days) => [days, days ? t(`days_${days}`) : t("forEver")]), read: (days) => (days ? new Date(Date.now() + days * DAY).toISOString() : null) },
      ],
      whole: true,
      send: (body) => call(PATH, { method: "POST", body }),
      onDone: (made) => {
        this.adding = false;
        this.draw();
        this.box.querySelector('[data-do="make"]').focus({ preventScroll: true });
        if (made) this.done(made);
      },
      explain: reason,
    });
    this.box.replaceChildren(form);
    form.elements.name.focus();
  }

  rotate(key) {
    const grace = element("select");
    grace.name = "grace";
    options(grace, GRACES.map((hours) => [hours, t(`grace_${hours}`)]), "24");
    ask({
      title: t("rotateKey", { name: key.name }),
      parts: [element("p", "", t("rotateText")), field(t("oldKeyGood"), grace)],
      go: t("rotate"),
      send: async () => this.done(await call(`${PATH}/${key.id}/rotate`, { method: "POST", body: { grace_hours: Number(grace.value) } })),
    });
  }

  revoke(key) {
    ask({
      title: t("revokeKey", { name: key.name }),
      parts: [element("p", "", t("revokeText"))],
      go: t("revoke"),
      send: async () => { await call(`${PATH}/${key.id}`, { method: "DELETE" }); this.changed(); },
    });
  }

  done({ key, text }) {
    this.changed();
    // Behind the dialog that asked, which closes first.
    setTimeout(() => show(key, text));
  }

  changed() {
    this.refresh().catch(complain);
    this.onChanged();
  }
}

function show(key, text) {
  const shown = input("text", "text", { value: text, readOnly: true, spellcheck: false, autocomplete: "off" });
  shown.addEventListener("focus", () => shown.select());
  ask({
    title: t("keyMade", { name: key.name }),
    parts: [field(t("enterKey"), shown, t("shownOnce"))],
    go: t("copy"),
    leave: t("close"),
    send: async () => { await copy(shown); toast(t("copied")); },
  });
}

// Without https there is no clipboard for scripts, but there is the older way.
async function copy(shown) {
  if (navigator.clipboard) return navigator.clipboard.writeText(shown.value);
  shown.select();
  return document.execCommand("copy");
}

const isPast = (iso) => iso !== null && new Date(iso) <= new Date();
const scopesOf = (scopes) => (scopes.includes("admin") ? t("scope_admin") : scopes.map((scope) => t(`scope_${scope}`)).join(", "));

function facts(key) {
  return [
    key.prefix ? `${key.prefix}_…` : null,
    key.last_used_at ? t("usedLast", { when: ago(key.last_used_at) }) : t("neverUsed"),
    key.expires_at && !isPast(key.expires_at) ? t("validUntil", { day: day(key.expires_at) }) : null,
    key.previous_until ? t("oldUntil", { when: when(key.previous_until) }) : null,
    key.created_by ? t("madeBy", { name: key.created_by, day: day(key.created_at) }) : null,
  ].filter(Boolean);
}
