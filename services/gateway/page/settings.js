// The settings view: providers, who uses them, what is embedded, what calls came to, Telegram and keys.

import { Agents } from "./agents.js";
import { call, may } from "./api.js";
import { AuditLog } from "./audit-log.js";
import { Coverage } from "./coverage.js";
import { engine, learn, loadEngine } from "./engine.js";
import { KeyList } from "./key-list.js";
import { complain } from "./notices.js";
import { providerForm } from "./provider-form.js";
import { Providers } from "./providers.js";
import { Rules } from "./rules.js";
import { TelegramBot } from "./telegram-bot.js";
import { TelegramHistory } from "./telegram-history.js";
import { throttled } from "./throttle.js";
import { drawUsage } from "./usage.js";

const $ = (id) => document.getElementById(id);

export class Settings {
  constructor({ onEngine }) {
    this.onEngine = onEngine;
    this.providers = new Providers({ list: $("providers"), onChanged: () => this.refreshEngine() });
    this.agents = new Agents({ list: $("agents"), onChanged: () => this.refreshEngine() });
    this.coverage = new Coverage({ box: $("coverage") });
    this.rules = new Rules({ box: $("rules") });
    this.keys = new KeyList({ box: $("api-keys"), onChanged: () => this.audit.refresh().catch(complain) });
    this.audit = new AuditLog({ box: $("audit"), keys: () => this.keys.items ?? [] });
    this.bot = new TelegramBot({ box: $("telegram-bot") });
    this.history = new TelegramHistory({ box: $("telegram-history") });
    this.usage = null;
    this.refreshEngine = throttled(() => this.loadEngine(), 500);
    this.refreshCoverage = throttled(() => this.coverage.refresh(), 2000);
    this.refreshUsage = throttled(() => this.loadUsage(), 2000);
    this.drawForm();
  }

  drawForm() {
    $("add-provider").replaceChildren(providerForm({ onMade: () => this.refreshEngine() }));
  }

  async loadEngine() {
    await loadEngine();
    this.drawEngine();
  }

  async loadUsage() {
    this.usage = (await call("/api/v1/llm/usage")).items;
    drawUsage($("usage"), this.usage);
  }

  drawEngine() {
    this.providers.draw();
    this.agents.draw();
    this.onEngine();
  }

  show() { return this.refresh(); }

  refresh() {
    const parts = [this.loadEngine(), this.rules.refresh(), this.coverage.refresh(), this.loadUsage()];
    if (may("admin")) parts.push(this.bot.refresh(), this.history.refresh(), this.keys.refresh().then(() => this.audit.refresh()));
    return Promise.all(parts.map((part) => part.catch(complain)));
  }

  onFrame(frame, isShown) {
    if (learn(frame)) this.drawEngine();
    if (!isShown) return;
    if (frame.type.startsWith("ingestion.") && may("admin")) this.history.update(frame.data.job);
    if (frame.type === "embedding.reindex_progress") this.coverage.progress(frame.data.reindex);
    if (frame.type.startsWith("embedding.")) this.refreshCoverage();
    if (frame.type.startsWith("knowledge.extraction")) { this.refreshUsage(); this.refreshCoverage(); }
  }

  redraw() {
    this.drawForm();
    this.providers.redraw();
    this.agents.redraw();
    if (engine.loaded) this.drawEngine();
    this.rules.redraw();
    this.coverage.draw();
    this.bot.redraw();
    this.history.redraw();
    this.keys.redraw();
    this.audit.draw();
    if (this.usage) drawUsage($("usage"), this.usage);
  }
}
