// The account that reads what was written before: signing it in and out, and what it may import.

import { call } from "./api.js";
import { alertLine, ask, field, input, onSend } from "./dialogs.js";
import { button, element, keepingFocus } from "./elements.js";
import { HistoryJobs } from "./history-jobs.js";
import { complain } from "./notices.js";
import { TelegramChats } from "./telegram-chats.js";
import { day, t } from "./words.js";

const PATH = "/api/v1/telegram/account";

export class TelegramHistory {
  constructor({ box }) {
    Object.assign(this, { box, account: null, drawn: null, isAnew: false });
    this.jobs = new HistoryJobs({ onEnded: () => this.chats.refresh().catch(complain) });
    this.chats = new TelegramChats({ onBegun: () => this.jobs.refresh().catch(complain) });
  }

  async refresh() {
    this.take(await call(PATH));
    const parts = [this.jobs.refresh()];
    if (this.account.state === "signed_in") parts.push(this.chats.refresh());
    await Promise.all(parts);
  }

  // A job of any kind, as the socket tells it.
  update(job) { this.jobs.update(job); }

  take(account) {
    this.account = account;
    this.draw();
  }

  draw() {
    if (!this.account) return;
    const said = JSON.stringify([this.account, this.isAnew]);
    if (said === this.drawn) return;
    this.drawn = said;
    keepingFocus(this.box, () => this.box.replaceChildren(...this.parts()));
  }

  redraw() {
    this.drawn = null;
    this.jobs.draw();
    this.chats.redraw();
    this.draw();
  }

  parts() {
    const { account } = this;
    const problem = account.problem ? element("p", "wrong", account.problem) : null;
    if (!account.is_configured) return [element("p", "meta", t("historyText")), unset(), problem, this.jobs.node].filter(Boolean);
    if (account.state === "signed_in") return [this.signedIn(), problem, this.jobs.node, this.chats.node].filter(Boolean);
    return [element("p", "meta", t("historyText")), problem, this.form(), this.jobs.node].filter(Boolean);
  }

  form() {
    if (this.isAnew) return this.phoneForm();
    if (this.account.state === "code_sent") return this.codeForm();
    return this.account.state === "password_needed" ? this.passwordForm() : this.phoneForm();
  }

  phoneForm() {
    const phone = input("phone", "tel", { required: true, minLength: 5, maxLength: 40, autocomplete: "tel", placeholder: "+380441234567" });
    return this.asking(field(t("phoneOf"), phone, t("phoneHint")), t("sendCode"), () => call(`${PATH}/code`, { method: "POST", body: { phone: phone.value.trim() } }));
  }

  codeForm() {
    const code = input("code", "text", { required: true, maxLength: 20, inputMode: "numeric", autocomplete: "one-time-code", spellcheck: false });
    const { phone, code_via: via } = this.account;
    return this.asking(field(t("codeOf"), code, t("codeHint", { phone: phone ?? "", via: via ?? "" })), t("signInGo"),
      () => call(`${PATH}/sign-in`, { method: "POST", body: { code: code.value.trim() } }), true);
  }

  passwordForm() {
    const password = input("password", "password", { required: true, maxLength: 1000, autocomplete: "off" });
    return this.asking(field(t("passwordOf"), password, t("passwordHint")), t("signInGo"),
      () => call(`${PATH}/sign-in`, { method: "POST", body: { password: password.value } }), true);
  }

  asking(asked, go, send, mayRestart = false) {
    const wrong = alertLine();
    const submit = element("button", "primary", go);
    const anew = mayRestart ? button("act", t("otherPhone"), () => { this.isAnew = true; this.draw(); this.focus(); }, "anew") : null;
    const form = element("form", "edit telegram-form", asked, wrong, element("div", "acts", submit, ...(anew ? [anew] : [])));
    onSend(form, { submit, wrong, send: async () => {
      const account = await send();
      this.isAnew = false;
      this.take(account);
      this.focus();
      if (account.state === "signed_in") this.refresh().catch(complain);
    } });
    return form;
  }

  focus() { this.box.querySelector("form input, button")?.focus({ preventScroll: true }); }

  signedIn() {
    const { account } = this;
    const who = [account.username ? `@${account.username}` : null, account.phone, account.signed_in_at ? t("signedInSince", { day: day(account.signed_in_at) }) : null];
    return element("div", "top", element("b", "", account.name ?? t("signedInAccount")), element("span", "kind", who.filter(Boolean).join(" · ")),
      element("span", "grow"), button("act bad", t("signOutAccount"), () => this.signOut(), "sign-out"));
  }

  signOut() {
    ask({
      title: t("signOutSure"),
      parts: [element("p", "", t("signOutText"))],
      go: t("signOutAccount"),
      send: async () => { this.take(await call(PATH, { method: "DELETE" })); this.chats.clear(); this.jobs.refresh().catch(complain); },
    });
  }
}

function unset() {
  return element("p", "", t("noCredentials"), " ", element("code", "", "TT_TELEGRAM_API_ID"), ", ", element("code", "", "TT_TELEGRAM_API_HASH"), ".");
}
