// What a person decides of proposals, as the API takes it. Each answers with the proposal as it is now.

import { call } from "./api.js";

const AT_A_TIME = 200;
const PATH = "/api/v1/proposals";

// `decision` is `approve` or `reject`.
export function decide(id, decision) {
  return call(`${PATH}/${id}/${decision}`, { method: "POST", body: {} });
}

export function revert(id) {
  return call(`${PATH}/${id}/revert`, { method: "POST", body: {} });
}

// Answers with the one that stays.
export function mergeInto(id, into) {
  return call(`${PATH}/${id}/merge`, { method: "POST", body: { into } });
}

// Many at once: which were decided, and what is said of the first that could not be.
export async function decideMany(ids, decision) {
  const items = [];
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const answer = await call(`${PATH}/bulk`, { method: "POST", body: { ids: ids.slice(from, from + AT_A_TIME), decision } });
    items.push(...answer.items);
  }
  return { done: items.filter((one) => !one.error), refused: items.find((one) => one.error)?.error ?? null };
}
