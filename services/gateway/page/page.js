// The live page: who is here, what is shown, and when it is asked for again.

import { call, knownKey, live, upload, useKey } from "./api.js";
import { drawServices, drawStats, Pace } from "./overview.js";
import { Feed } from "./feed.js";
import { Jobs } from "./jobs.js";
import { apply, speak, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const pace = new Pace($("pace"), $("spark"));
let leaveLive = null;
let stats = null;
let health = null;
let chats = [];
let linkState = "off";

const feed = new Feed({
  list: $("messages"), empty: $("no-messages"), note: $("note"), more: $("more"),
  onError: complain, onJudged: () => { toast(t("kept")); refreshStats(); },
});
const jobs = new Jobs({ list: $("jobs"), empty: $("no-jobs"), onError: complain, onEnded: announce });

// Runs `work` soon, but never more often than every `pause` ms, and once more for what came meanwhile.
function throttled(work, pause) {
  let waiting = false;
  let last = 0;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(async () => {
      last = Date.now();
      waiting = false;
      try { await work(); } catch (error) { complain(error); }
    }, Math.max(0, last + pause - Date.now()));
  };
}

const refreshStats = throttled(async () => {
  const chat = $("chat").value;
  stats = await call(`/api/v1/scoring/stats${chat ? `?chat_id=${chat}` : ""}`);
  draw();
}, 1000);
const refreshFeed = throttled(() => feed.refresh(), 1200);
const refreshChats = throttled(async () => {
  chats = (await call("/api/v1/chats")).items;
  drawChats();
}, 5000);
const refreshHealth = throttled(async () => { health = await call("/health/services"); draw(); }, 1000);

function refreshAll() {
  refreshStats(); refreshFeed(); refreshChats(); refreshHealth();
  jobs.refresh().catch(complain);
}

function onFrame(frame) {
  if (frame.type === "message_scored") pace.add(1);
  if (frame.type === "batch_scored") pace.add(frame.data.success);
  if (frame.type.startsWith("ingestion.")) jobs.update(frame.data.job);
  if (frame.type === "ingestion.completed") { refreshChats(); refreshFeed(); }
  if (frame.type !== "message.updated") refreshStats();
  if (frame.type.startsWith("message") || frame.type === "batch_scored") refreshFeed();
  if (frame.type === "message.updated" && !chats.some((chat) => chat.id === frame.data.message.chat.id)) refreshChats();
}

function onState(state) {
  linkState = state;
  drawLink();
  if (state === "on") refreshAll();
}

async function enter(key) {
  useKey(key);
  try {
    stats = await call("/api/v1/chats").then((found) => { chats = found.items; return null; });
  } catch (error) {
    if (error.status === 401) { useKey(null); return ask(key ? t("enterWrong") : ""); }
  }
  $("enter").hidden = true;
  $("board").hidden = $("leave").hidden = false;
  drawChats();
  leaveLive?.();
  leaveLive = live({ onState, onFrame, onRefused: leave });
  refreshAll();
}

function ask(wrong) {
  $("board").hidden = $("leave").hidden = true;
  $("enter").hidden = false;
  $("enter-wrong").textContent = wrong;
  $("key").value = "";
  $("key").focus();
}

function leave() {
  leaveLive?.();
  leaveLive = null;
  useKey(null);
  onState("off");
  ask("");
}

function complain(error) {
  if (error.status === 401) leave();
  else toast(error.status ? error.message : t("gone"));
}

function announce(job) {
  toast(t(job.status === "completed" ? "jobDone" : "jobBroke", { name: job.source_name }));
}

let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $("toast").classList.remove("shown"), 4000);
}

function drawLink() {
  $("link").dataset.state = linkState;
  $("link").lastElementChild.textContent = t(linkState);
}

function drawChats() {
  const chosen = $("chat").value;
  const options = [["", t("allChats")], ...chats.map((chat) => [String(chat.id), chat.title ?? t("untitled")])];
  $("chat").replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

function draw() {
  apply();
  drawLink();
  const chat = chats.find((one) => String(one.id) === $("chat").value);
  $("chat-name").textContent = chat ? t("ofChat", { chat: chat.title ?? t("untitled") }) : t("inAll");
  if (stats) drawStats(stats, { total: $("total"), split: $("split"), classes: $("classes") });
  if (health) drawServices(health, $("services"));
}

function press(group, chosen) {
  for (const button of group.querySelectorAll("button")) button.setAttribute("aria-pressed", button === chosen);
}

for (const id of ["order", "filter"]) {
  press($(id), $(id).querySelector("button"));
  $(id).addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    press($(id), button);
    feed.choose(id === "order" ? { order: button.dataset.order } : { messageClass: button.dataset.class }).catch(complain);
  });
}
$("chat").addEventListener("change", () => {
  feed.choose({ chat: $("chat").value }).catch(complain);
  refreshStats();
});
$("more").addEventListener("click", () => feed.more().catch(complain));
$("leave").addEventListener("click", leave);
$("enter-form").addEventListener("submit", (event) => { event.preventDefault(); enter($("key").value.trim()); });
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => { speak(button.dataset.lang); draw(); drawChats(); feed.draw(); jobs.draw(); });
}

async function send(file) {
  if (!file) return;
  const row = jobs.uploading(file);
  try {
    await upload(file, row.progress);
    toast(t("sent"));
  } catch (error) {
    complain(error);
  } finally {
    row.remove();
    $("file").value = "";
    jobs.refresh().catch(complain);
  }
}
$("file").addEventListener("change", () => send($("file").files[0]));
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if ($("board").hidden) return;
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") send(event.dataTransfer.files[0]);
  });
}

setInterval(() => { if (!$("board").hidden && !document.hidden) refreshHealth(); }, 10000);
setInterval(() => pace.tick(), 1000);
draw();
enter(knownKey());
