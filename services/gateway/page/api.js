// How the page talks to the gateway: REST with the key, uploads with progress, and the live socket.

// A connection that held for so long, in ms, was a good one: the next failure is the first again.
const STEADY = 5000;
const TOPICS = "messages,ingestion,knowledge,providers,embedding";

let key = null;

// A refusal in the API's own words; `errors` are the fields at fault.
export class Refused extends Error {
  constructor(status, detail, errors = []) {
    super(detail);
    Object.assign(this, { status, errors });
  }
}

export function useKey(value) {
  key = value;
  if (value) sessionStorage.setItem("key", value);
  else sessionStorage.removeItem("key");
}

// A link may carry the key in its fragment, which no server ever sees; it leaves the address bar at once.
export function knownKey() {
  const given = location.hash.startsWith("#key=") ? new URLSearchParams(location.hash.slice(1)).get("key") : null;
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return given ?? sessionStorage.getItem("key");
}

export async function call(path, { method = "GET", body } = {}) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  const text = await answer.text();
  const data = text ? JSON.parse(text) : null;
  if (!answer.ok && !(data && data.checks)) throw new Refused(answer.status, data?.detail ?? answer.statusText, data?.errors);
  return data;
}

const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function upload(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/ingestion/imports?filename=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", randomId());
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Refused(0, request.statusText));
    request.onload = () => {
      const data = JSON.parse(request.responseText || "{}");
      if (request.status === 202) resolve(data);
      else reject(new Refused(request.status, data.detail ?? request.statusText));
    };
    request.send(file);
  });
}

// Stays connected: a new ticket for every attempt, longer pauses after each failure, with some chance in them.
export function live({ onState, onFrame, onRefused }) {
  let failures = 0;
  let stopped = false;
  let socket = null;
  let settled = 0;
  async function connect() {
    if (stopped) return;
    onState("wait");
    try {
      const { ticket } = await call("/api/v1/ws/tickets", { method: "POST" });
      if (stopped) return;
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      socket = new WebSocket(`${scheme}://${location.host}/ws?topics=${TOPICS}&ticket=${encodeURIComponent(ticket)}`);
      socket.onopen = () => { settled = setTimeout(() => { failures = 0; }, STEADY); onState("on"); };
      socket.onmessage = (event) => onFrame(JSON.parse(event.data));
      socket.onclose = again;
    } catch (error) {
      if (error.status === 401) onRefused();
      else again();
    }
  }
  function again() {
    clearTimeout(settled);
    if (stopped) return;
    onState("wait");
    failures = Math.min(failures + 1, 6);
    setTimeout(connect, 250 * 2 ** failures * (0.75 + Math.random() / 2));
  }
  connect();
  return () => { stopped = true; socket?.close(); };
}
