// Choosing the proposal that shall take another one over.

import { call } from "./api.js";
import { mergeInto } from "./decisions.js";
import { ask, field, input } from "./dialogs.js";
import { element } from "./elements.js";
import { complain, toast } from "./notices.js";
import { t } from "./words.js";

const SHOWN = 200;
const TAKING = ["pending", "approved"];

// What may take it over: the project's others that were neither rejected nor merged away, the similar one first.
async function candidates({ id, project_id: project, similar }) {
  const page = (status) => call(`/api/v1/proposals?${new URLSearchParams({ project_id: project, status, limit: SHOWN })}`);
  const found = (await Promise.all(TAKING.map(page))).flatMap(({ items }) => items).filter((one) => one.id !== id);
  if (!similar || !TAKING.includes(similar.status)) return found;
  return [{ id: similar.proposal_id, title: similar.title, status: similar.status }, ...found.filter((one) => one.id !== similar.proposal_id)];
}

export async function askToMerge(proposal, { onMerged }) {
  let others = [];
  try {
    others = await candidates(proposal);
  } catch (error) {
    return complain(error);
  }
  if (!others.length) return toast(t("nothingToMerge"));
  const search = input("search", "search", { autocomplete: "off" });
  const select = element("select");
  select.name = "into";
  select.size = Math.min(8, Math.max(2, others.length));
  select.required = true;
  const draw = () => {
    const sought = search.value.trim().toLowerCase();
    const shown = others.filter((one) => one.title.toLowerCase().includes(sought));
    select.replaceChildren(...shown.map((one, place) => new Option(`${one.title} · ${t(`was_${one.status}`)}`, one.id, false, place === 0)));
  };
  search.addEventListener("input", draw);
  draw();
  ask({
    title: t("mergeTitle"),
    parts: [element("p", "meta", t("mergeText", { title: proposal.title })), field(t("findProposal"), search), field(t("mergeWith"), select)],
    go: t("merge"),
    send: async () => {
      const kept = await mergeInto(proposal.id, select.value);
      onMerged([kept, await call(`/api/v1/proposals/${proposal.id}`)]);
      toast(t("mergedDone"));
    },
  });
}
