// What of everything can be found by meaning: how far each kind is embedded, and how a new space fills.

import { call } from "./api.js";
import { button, element, keepingFocus } from "./elements.js";
import { providerOf } from "./engine.js";
import { complain, toast } from "./notices.js";
import { many, number, percent, t } from "./words.js";

const ON_DEMAND = { message: "/api/v1/embeddings/messages", atom: "/api/v1/embeddings/atoms" };

export class Coverage {
  constructor({ box }) {
    this.box = box;
    this.coverage = null;
    this.running = new Map();
  }

  async refresh() {
    this.coverage = await call("/api/v1/embeddings/coverage");
    this.draw();
  }

  // Takes what a frame tells of a reindex.
  progress(reindex) {
    if (["pending", "running"].includes(reindex.status)) this.running.set(reindex.run_id, reindex);
    else this.running.delete(reindex.run_id);
    this.draw();
  }

  draw() {
    if (!this.coverage) return;
    const { kinds, spaces, failures } = this.coverage;
    const open = this.box.querySelector("details")?.open ?? false;
    keepingFocus(this.box, () => this.box.replaceChildren(element("dl", "covers", ...kinds.map(({ kind, wanted, embedded, failed }) => bar(t(`kind_${kind}`), embedded, wanted, failed))),
      ...spaces.filter((space) => space.status !== "retired").map((space) => this.space(space)), failures.length ? drawFailures(failures, open) : "", this.acts()));
  }

  acts() {
    const { kinds, spaces } = this.coverage;
    const missing = kinds.filter(({ kind, wanted, embedded }) => embedded < wanted && ON_DEMAND[kind]);
    const embed = button("act", t("embedRest"), () => this.start(missing.map(({ kind }) => [ON_DEMAND[kind], {}])), "rest");
    const anew = button("act", t("reindex"), () => this.start([["/api/v1/embeddings/reindex"]]), "anew");
    anew.disabled = spaces.some((space) => space.status === "building");
    return element("div", "acts", missing.length ? embed : null, anew);
  }

  async start(wanted) {
    try {
      for (const [path, body] of wanted) await call(path, { method: "POST", body });
      toast(t("embeddingBegun"));
      await this.refresh();
    } catch (error) {
      complain(error);
    }
  }

  space(space) {
    const running = [...this.running.values()].find((reindex) => reindex.space.id === space.id);
    const name = [providerOf(space.provider_id)?.name, space.document_model, many("dimensions", space.dimension)].filter(Boolean).join(" · ");
    const row = element("div", "space", element("p", "meta", element("b", "badge", t(`space_${space.status}`)), ` ${name}`));
    if (space.status === "building") {
      const done = running ? running.success + running.skipped : space.embedded;
      row.append(element("dl", "covers", bar(t("spaceFills"), done, space.wanted, running?.failed ?? space.failed)), element("p", "meta", t("spaceSwitches")));
    }
    if (space.failure) row.append(element("p", "wrong", space.failure));
    return row;
  }
}

function bar(name, done, wanted, failed) {
  const part = wanted ? Math.min(1, done / wanted) : 0;
  const fill = element("i");
  fill.style.width = `${part * 100}%`;
  const meter = element("div", "meter", fill);
  meter.setAttribute("role", "img");
  meter.setAttribute("aria-label", percent(part));
  const said = `${number(done)} / ${number(wanted)}${failed ? ` · ${many("notEmbedded", failed)}` : ""}`;
  return element("div", "", element("dt", "", name), element("dd", "", said), element("dd", "bar-of", meter));
}

function drawFailures(failures, open) {
  const rows = failures.map(({ kind, item_id: id, reason, attempts }) =>
    element("li", "", element("b", "", `${t(`kind_one_${kind}`)} №${number(id)}`), ` · ${many("attempts", attempts)}. ${reason}`));
  const details = element("details", "failures", element("summary", "", many("failures", failures.length)), element("ul", "", ...rows));
  details.open = open;
  return details;
}
