// How the page talks to the gateway: REST in a session, uploads with progress, and the live socket.

import { connect } from "./live.js";

// Who is signed in: `name`, `scopes`, `csrf_token` and `expires_at`; null is nobody.
export let session = null;

// A refusal in the API's own words; `errors` are the fields at fault.
export class Refused extends Error {
  constructor(status, detail, errors = []) {
    super(detail);
    Object.assign(this, { status, errors });
  }
}

// A link may carry the key in its fragment, which no server ever sees; it leaves the address bar at once.
export function keyFromLink() {
  const given = location.hash.startsWith("#key=") ? new URLSearchParams(location.hash.slice(1)).get("key") : null;
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return given;
}

// The key is forgotten here: what stays is a cookie that no script can read.
export async function signIn(key) {
  session = await call("/api/v1/session", { method: "POST", body: { key } });
}

// Goes on with the session whose cookie the browser has.
export async function resume() {
  session = await call("/api/v1/session");
}

export async function signOut() {
  if (session) await call("/api/v1/session", { method: "DELETE" });
  session = null;
}

export function may(scope) {
  return session !== null && (session.scopes.includes(scope) || session.scopes.includes("admin"));
}

// What changes something has to show that a page of ours sends it.
function headersOf(method, more = {}) {
  return method === "GET" || !session ? more : { "X-CSRF-Token": session.csrf_token, ...more };
}

// Whether another tab has signed in since, so that this one has to learn the new session's token.
async function isRenewed() {
  const before = session?.csrf_token;
  if (!before) return false;
  await resume().catch(() => {});
  return session?.csrf_token !== before;
}

export async function call(path, { method = "GET", body, again = true } = {}) {
  const headers = headersOf(method, body === undefined ? {} : { "Content-Type": "application/json" });
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  if (answer.status === 403 && method !== "GET" && again && (await isRenewed())) return call(path, { method, body, again: false });
  const text = await answer.text();
  const data = text ? JSON.parse(text) : null;
  if (!answer.ok && !(data && data.checks)) throw new Refused(answer.status, data?.detail ?? answer.statusText, data?.errors);
  return data;
}

// A file of the API's, kept by the browser as `name`; a refusal is said here, and not by a page of its own.
export async function download(path, name) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) {
    const data = await answer.json().catch(() => null);
    throw new Refused(answer.status, data?.detail ?? answer.statusText, data?.errors);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function upload(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/ingestion/imports?filename=${encodeURIComponent(file.name)}`);
    const headers = headersOf("POST", { "Content-Type": "application/octet-stream", "Idempotency-Key": randomId() });
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
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

const STATES = { connecting: "wait", waiting: "wait", live: "on", closed: "off" };

// Stays connected as whoever is signed in. `onMissed` when what is shown may lack something: at first, and after a gap.
export function live({ onState, onFrame, onMissed = () => {}, onRefused }) {
  const following = connect({
    onEvent: onFrame,
    onGap: onMissed,
    onState: (state, about) => {
      onState(STATES[state]);
      if (state === "live" && !about.resumed) onMissed();
    },
    onRefused,
  });
  return following.close;
}
