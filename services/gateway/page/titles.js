// Names of topics and titles of atoms and proposals that are known by their id alone.

import { call } from "./api.js";
import { anchor } from "./elements.js";

const known = new Map();

export function learnTitles(entity, records) {
  for (const record of records) known.set(`${entity}/${record.id}`, Promise.resolve(record.title ?? record.name));
}

// Null for what is gone.
export function titleOf(entity, id) {
  const key = `${entity}/${id}`;
  if (!known.has(key)) {
    known.set(key, call(`/api/v1/${entity}s/${id}`).then((record) => record.title ?? record.name, (error) => {
      if (error.status !== 404) known.delete(key);
      return null;
    }));
  }
  return known.get(key);
}

// A link to a topic, an atom or a proposal that says its name as soon as it is known.
export function namedLink(entity, id) {
  const isWork = entity === "proposal";
  const link = anchor("", `#/${isWork ? "tasks" : "knowledge"}/${entity}/${id}`, isWork ? "…" : `№${id}`);
  titleOf(entity, id).then((title) => { if (title) link.textContent = title; });
  return link;
}
