// What a person decides of topics and atoms, and how it is said.

import { call } from "./api.js";
import { button, element } from "./elements.js";
import { complain } from "./notices.js";
import { decimal, t } from "./words.js";

const SURE = 0.7;
const UNSURE = 0.5;

// `kind` is `topics` or `atoms`; answers with the record as it is now, or null when it was refused.
export async function review(kind, id, status) {
  try {
    return await call(`/api/v1/${kind}/${id}/review`, { method: "POST", body: { status } });
  } catch (error) {
    complain(error);
    return null;
  }
}

export function reviewButtons(status, decide) {
  if (status !== "needs_review") return [button("act", t("undo"), () => decide("needs_review"), "undo")];
  return [button("act good", t("approve"), () => decide("approved"), "approve"), button("act bad", t("reject"), () => decide("rejected"), "reject")];
}

// With who decided, where somebody did.
export function stateBadge({ status, reviewed_by: who, rule_id: rule }) {
  const by = status === "needs_review" ? null : who ?? (rule ? t("byRule") : null);
  return element("span", `state is-${status}`, t(status), by ? element("span", "by", ` · ${by}`) : null);
}

// In a word and as a number.
export function confidence(value) {
  const word = value >= SURE ? "sure" : value >= UNSURE ? "fairlySure" : "unsure";
  const said = element("span", "sure", t(word), " ", element("b", "", decimal(value)));
  said.title = t("confidence");
  return said;
}
