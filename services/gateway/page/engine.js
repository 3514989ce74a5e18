// Which provider does which work, known to every view.

import { call } from "./api.js";

export const engine = { providers: [], agents: [], loaded: false };

export async function loadEngine() {
  const [providers, agents] = await Promise.all([call("/api/v1/providers"), call("/api/v1/agents")]);
  engine.providers = providers.items;
  engine.agents = agents.items;
  engine.loaded = true;
}

export const providerOf = (id) => engine.providers.find((provider) => provider.id === id);

// The agent that does a kind of work now: `knowledge_extractor`, `task_proposer` or `embedder`.
export const active = (kind) => engine.agents.find((agent) => agent.kind === kind && agent.active);

export const isBasic = (kind) => providerOf(active(kind)?.provider_id)?.basic_mode === true;

// Takes what a frame tells; true when something is to be drawn anew.
export function learn(frame) {
  if (frame.type === "provider.changed") engine.providers = changed(engine.providers, frame.data.provider_id, frame.data.provider);
  else if (frame.type === "agent.changed") engine.agents = changed(engine.agents, frame.data.agent_id, frame.data.agent);
  else return false;
  return true;
}

export function changed(rows, id, row) {
  if (!row) return rows.filter((one) => one.id !== id);
  return rows.some((one) => one.id === id) ? rows.map((one) => (one.id === id ? row : one)) : [...rows, row];
}
