// The settings view: providers, who uses them, what is embedded, and what calls came to.

import { Agents } from "./agents.js";
import { call } from "./api.js";
import { Coverage } from "./coverage.js";
import { engine, learn, loadEngine } from "./engine.js";
import { complain } from "./notices.js";
import { providerForm } from "./provider-form.js";
import { Providers } from "./providers.js";
import { Rules } from "./rules.js";
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
    return Promise.all([this.loadEngine(), this.rules.refresh(), this.coverage.refresh(), this.loadUsage()].map((part) => part.catch(complain)));
  }

  onFrame(frame, isShown) {
    if (learn(frame)) this.drawEngine();
    if (!isShown) return;
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
    if (this.usage) drawUsage($("usage"), this.usage);
  }
}
