// The bot that tells what is written from now on: connecting it, and how its updates come.

import { call } from "./api.js";
import { alertLine, ask, field, input, onSend } from "./dialogs.js";
import { button, element, keepingFocus } from "./elements.js";
import { complain, reason } from "./notices.js";
import { ago, many, t } from "./words.js";

const PATH = "/api/v1/telegram";

export class TelegramBot {
  constructor({ box }) {
    Object.assign(this, { box, bot: undefined, webhook: null, wrong: "", isBusy: false });
  }

  // What the card shows; null for no bot. Telegram is asked about the webhook only where one is set.
  async refresh() {
    this.bot = await call(`${PATH}/bot`).catch(noneAs404);
    this.webhook = null;
    this.draw();
    if (this.bot?.updates === "webhook") await this.loadWebhook();
  }

  async loadWebhook() {
    try {
      this.webhook = await call(`${PATH}/webhook`);
    } catch (error) {
      if (error.status === 401) throw error;
      this.wrong = reason(error);
    }
    this.draw();
  }

  draw() {
    if (this.bot === undefined) return;
    // What somebody types is not drawn over.
    if (!this.bot && this.box.querySelector("form")) return;
    keepingFocus(this.box, () => this.box.replaceChildren(...(this.bot ? this.connected() : [howTo(), this.form()])));
  }

  redraw() {
    this.wrong = "";
    this.box.replaceChildren();
    this.draw();
  }

  form() {
    const token = input("token", "password", { required: true, maxLength: 300, autocomplete: "off", spellcheck: false });
    const wrong = alertLine();
    const submit = element("button", "primary", t("connectBot"));
    const form = element("form", "edit telegram-form", field(t("botToken"), token, t("botTokenHint")), wrong, element("div", "acts", submit));
    onSend(form, { submit, wrong, send: async () => {
      this.bot = await call(`${PATH}/bot`, { method: "PUT", body: { token: token.value.trim() } });
      this.wrong = "";
      this.draw();
      this.box.querySelector("button")?.focus({ preventScroll: true });
      this.refresh().catch(complain);
    } });
    return form;
  }

  connected() {
    const { bot } = this;
    const wrong = alertLine();
    wrong.textContent = this.wrong;
    return [
      element("div", "top", element("b", "", `@${bot.username}`), element("span", "kind", bot.name), element("span", "grow"),
        element("span", `badge ${bot.updates === "none" ? "bad" : ""}`, t(`updates_${bot.updates}`))),
      element("ul", "hints", ...hintsOf(bot).map((hint) => element("li", "", hint))),
      ...facts(bot, this.webhook),
      wrong,
      this.acts(),
    ];
  }

  acts() {
    const { bot } = this;
    const isPolling = bot.updates === "polling";
    const made = [
      button("act", t(isPolling ? "endPolling" : "beginPolling"), () => this.change("polling", isPolling ? "DELETE" : "PUT"), "polling"),
      bot.updates === "webhook"
        ? button("act", t("deleteWebhook"), () => this.change("webhook", "DELETE"), "webhook")
        : button("act", t("setWebhook"), () => this.change("webhook", "PUT", {}), "webhook"),
      button("act bad", t("disconnectBot"), () => this.disconnect(), "disconnect"),
    ];
    for (const one of made) one.disabled = this.isBusy;
    return element("div", "acts", ...made);
  }

  async change(road, method, body) {
    this.isBusy = true;
    this.wrong = "";
    this.draw();
    try {
      await call(`${PATH}/${road}`, { method, body });
    } catch (error) {
      if (error.status === 401) complain(error);
      this.wrong = reason(error);
    }
    this.isBusy = false;
    await this.refresh().catch((error) => { this.draw(); complain(error); });
    this.box.querySelector(`[data-do="${road}"]`)?.focus({ preventScroll: true });
  }

  disconnect() {
    ask({
      title: t("disconnectBotSure", { name: `@${this.bot.username}` }),
      parts: [element("p", "", t("disconnectBotText"))],
      go: t("disconnectBot"),
      send: async () => { await call(`${PATH}/bot`, { method: "DELETE" }); this.wrong = ""; this.refresh().catch(complain); },
    });
  }
}

function howTo() {
  return element("ol", "steps", ...["botStep1", "botStep2", "botStep3"].map((step) => element("li", "", t(step))));
}

// What stands in the way of seeing messages, the greatest hindrance first.
function hintsOf(bot) {
  const applies = {
    botHintNoRoad: bot.updates === "none",
    botHintNoGroups: !bot.can_join_groups,
    botHintPrivacy: !bot.can_read_all_group_messages,
    botHintHistory: true,
  };
  return Object.keys(applies).filter((hint) => applies[hint]).map((hint) => t(hint));
}

function facts(bot, webhook) {
  const last = bot.last_update_at ? t("lastUpdate", { when: ago(bot.last_update_at) }) : t("noUpdateYet");
  const waiting = webhook ? ` · ${many("updatesWait", webhook.pending_update_count)}` : "";
  const failed = webhook?.last_error_message ?? bot.last_error;
  const failedAt = webhook?.last_error_message ? webhook.last_error_at : bot.last_error_at;
  return [
    element("p", "meta", last + waiting),
    bot.webhook_url ? element("p", "meta", t("webhookAt"), " ", element("code", "", bot.webhook_url)) : null,
    webhook && !webhook.is_ours ? element("p", "wrong", t("webhookElsewhere")) : null,
    failed ? element("p", "wrong", failedAt ? `${ago(failedAt)}: ${failed}` : failed) : null,
  ].filter(Boolean);
}

function noneAs404(error) {
  if (error.status === 404) return null;
  throw error;
}
