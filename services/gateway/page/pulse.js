// How knowledge grows: what waits for the next extraction, what runs now, and how the last one ended.

import { anchor, button, element } from "./elements.js";
import { active, engine, isBasic } from "./engine.js";
import { caveats, extracting, OPEN, outcome } from "./extractions.js";
import { ago, many, number, t } from "./words.js";

export class Pulse {
  constructor({ box, onExtract }) {
    this.bar = element("i");
    this.meter = element("div", "meter", this.bar);
    this.meter.setAttribute("role", "progressbar");
    this.head = element("p", "head");
    this.head.setAttribute("role", "status");
    this.extract = button("act", "", onExtract);
    this.last = element("p", "meta");
    this.aside = element("p", "meta bad");
    this.mode = element("p", "mode");
    box.replaceChildren(element("div", "row", element("div", "grow", this.head, this.meter), this.extract), this.last, this.aside, this.mode);
  }

  // `pending` is what the statistics say of it, or null while they are not there.
  draw(pending, runs) {
    const running = runs.filter((run) => OPEN.includes(run.status));
    say(this.head, running.length ? extracting(running) : waitingWords(pending));
    this.head.classList.toggle("bad", !running.length && Boolean(pending?.paused));
    this.meter.classList.toggle("unknown", running.length > 0);
    this.meter.setAttribute("aria-label", this.head.textContent);
    const part = pending ? Math.min(1, pending.waiting / pending.threshold) : 0;
    this.bar.style.width = `${part * 100}%`;
    if (running.length) this.meter.removeAttribute("aria-valuenow");
    else this.meter.setAttribute("aria-valuenow", Math.round(part * 100));
    this.extract.textContent = t("extractByHand");
    this.drawLast(runs.find((run) => !OPEN.includes(run.status)));
    this.drawAside(pending);
    this.drawMode();
  }

  drawAside(pending) {
    const messages = pending?.set_aside_messages ?? [];
    this.aside.hidden = !pending?.set_aside;
    if (this.aside.hidden) return;
    this.aside.textContent = many("setAside", pending.set_aside);
    this.aside.title = messages.map(({ message_id: id, reason }) => `№${id}: ${reason}`).join("\n");
  }

  drawLast(run) {
    const words = run ? `${t("lastTime")} ${ago(run.finished_at ?? run.created_at)}: ${[outcome(run), ...caveats(run)].join(" · ")}` : t("neverExtracted");
    this.last.classList.toggle("bad", run?.status === "failed");
    this.last.replaceChildren(element("span", "", words), " ", run ? anchor("", "#/knowledge/extractions", t("allExtractions")) : "");
  }

  drawMode() {
    const none = engine.loaded && !active("knowledge_extractor");
    this.mode.hidden = !none && !isBasic("knowledge_extractor");
    this.mode.replaceChildren(element("b", "badge", t(none ? "noExtractor" : "basicMode")), " ", element("span", "", t(none ? "noExtractorWhy" : "basicWhy")), " ", anchor("", "#/settings", t("addProviderWay")));
  }
}

function waitingWords(pending) {
  if (!pending) return "";
  if (pending.paused) return pending.paused;
  return many("untilNext", pending.threshold, { waiting: number(pending.waiting), threshold: number(pending.threshold) });
}

// Only what is new is read out.
function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}
