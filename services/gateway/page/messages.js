// The messages view: the feed with its filters, the counts, the imports and the services.

import { call, upload } from "./api.js";
import { chatTitle, fillChats } from "./chats.js";
import { press } from "./elements.js";
import { Feed } from "./feed.js";
import { Jobs } from "./jobs.js";
import { complain, toast } from "./notices.js";
import { drawServices, drawStats, Pace } from "./overview.js";
import { throttled } from "./throttle.js";
import { t } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Messages {
  constructor({ onNewChat, mayDrop }) {
    this.onNewChat = onNewChat;
    this.pace = new Pace($("pace"), $("spark"));
    this.feed = new Feed({
      list: $("messages"), empty: $("no-messages"), note: $("note"), more: $("more"),
      onError: complain, onJudged: () => { toast(t("kept")); this.refreshStats(); },
    });
    this.jobs = new Jobs({ list: $("jobs"), empty: $("no-jobs"), onError: complain, onEnded: announce });
    this.refreshStats = throttled(() => this.loadStats(), 1000);
    this.refreshFeed = throttled(() => this.feed.refresh(), 1200);
    this.refreshHealth = throttled(() => this.loadHealth(), 1000);
    this.listen();
    this.takeFiles(mayDrop);
    setInterval(() => this.pace.tick(), 1000);
  }

  listen() {
    for (const id of ["order", "filter"]) {
      press($(id), $(id).querySelector("button"));
      $(id).addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        press($(id), button);
        this.feed.choose(id === "order" ? { order: button.dataset.order } : { messageClass: button.dataset.class }).catch(complain);
      });
    }
    $("chat").addEventListener("change", () => {
      this.feed.choose({ chat: $("chat").value }).catch(complain);
      this.refreshStats();
    });
    $("more").addEventListener("click", () => this.feed.more().catch(complain));
  }

  takeFiles(mayDrop) {
    $("file").addEventListener("change", () => this.send($("file").files[0]));
    for (const kind of ["dragover", "dragleave", "drop"]) {
      document.addEventListener(kind, (event) => {
        if (!mayDrop()) return;
        event.preventDefault();
        $("drop").classList.toggle("over", kind === "dragover");
        if (kind === "drop") this.send(event.dataTransfer.files[0]);
      });
    }
  }

  async send(file) {
    if (!file) return;
    const row = this.jobs.uploading(file);
    try {
      await upload(file, row.progress);
      toast(t("sent"));
    } catch (error) {
      complain(error);
    } finally {
      row.remove();
      $("file").value = "";
      this.jobs.refresh().catch(complain);
    }
  }

  show() { return this.refresh(); }

  refresh() {
    return Promise.all([this.loadStats(), this.feed.refresh(), this.loadHealth(), this.jobs.refresh()].map((part) => part.catch(complain)));
  }

  async loadStats() {
    const chat = $("chat").value;
    this.stats = await call(`/api/v1/scoring/stats${chat ? `?chat_id=${chat}` : ""}`);
    this.drawStats();
  }

  async loadHealth() {
    this.health = await call("/health/services");
    this.drawHealth();
  }

  onFrame(frame, isShown) {
    const { type, data } = frame;
    if (type === "message_scored") this.pace.add(1);
    if (type === "batch_scored") this.pace.add(data.success);
    if (type.startsWith("ingestion.")) this.jobs.update(data.job);
    if (type === "ingestion.completed") this.onNewChat();
    if (type === "message.updated") this.onNewChat(data.message.chat.id);
    if (!isShown) return;
    if (type !== "message.updated") this.refreshStats();
    if (type.startsWith("message") || type === "batch_scored" || type === "ingestion.completed") this.refreshFeed();
  }

  drawStats() {
    const chat = $("chat").value;
    $("chat-name").textContent = chat ? t("ofChat", { chat: chatTitle(Number(chat)) }) : t("inAll");
    if (this.stats) drawStats(this.stats, { total: $("total"), split: $("split"), classes: $("classes") });
  }

  drawHealth() {
    if (this.health) drawServices(this.health, $("services"));
  }

  drawChats() {
    fillChats($("chat"), $("chat").value);
    this.drawStats();
  }

  redraw() {
    this.drawChats();
    this.drawHealth();
    this.feed.draw();
    this.jobs.draw();
  }
}

function announce(job) {
  toast(t(job.status === "completed" ? "jobDone" : "jobBroke", { name: job.source_name }));
}
