// Which view is shown stands in the address's fragment, so that a reload and a kept link lead back to it.

export const VIEWS = ["knowledge", "messages", "tasks", "experiments", "search", "operate", "settings"];

// `view` is null when the fragment names none; `rest` are the parts of the path behind it.
export function route() {
  const [, path, query] = /^#?\/?([^?]*)\??(.*)$/s.exec(location.hash);
  const [view, ...rest] = path.split("/");
  return { view: VIEWS.includes(view) ? view : null, rest: rest.filter(Boolean), query: new URLSearchParams(query) };
}

export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

export function go(hash) {
  if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}

// Changes the address without a step in the history: for filters.
export function stay(hash) {
  history.replaceState(null, "", hash);
}
