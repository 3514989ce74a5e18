// The live page: who is here, which view is shown, and what comes over the socket.

import { call, keyFromLink, live, may, resume, signIn, signOut } from "./api.js";
import { chats, loadChats } from "./chats.js";
import { loadEngine } from "./engine.js";
import { Experiments } from "./experiments.js";
import { emptyStats, Knowledge } from "./knowledge.js";
import { Messages } from "./messages.js";
import { Operate } from "./operate.js";
import { complain, onRefused, reason } from "./notices.js";
import { route } from "./router.js";
import { Search } from "./search.js";
import { Settings } from "./settings.js";
import { Tasks } from "./tasks.js";
import { settled, throttled } from "./throttle.js";
import { apply, number, speak, t } from "./words.js";

const $ = (id) => document.getElementById(id);
// How long the page waits for what a view shows, so that it need not move afterwards.
const PATIENCE = 800;
// How long it waits before it asks again who is signed in, when the server does not answer.
const AGAIN = 2000;
const scrolled = {};
let shown = null;
let leaveLive = null;
let linkState = "off";

const knowledge = new Knowledge({ onStats: drawWaiting });
const messages = new Messages({ onNewChat: learnChat, mayDrop: () => shown === "messages" });
const settings = new Settings({ onEngine: () => knowledge.drawPulse() });
const tasks = new Tasks({ onWaiting: drawWaitingTasks });
const experiments = new Experiments();
const operate = new Operate({ onDead: drawDead });
const views = { knowledge, messages, tasks, experiments, settings, operate, search: new Search() };

const refreshChats = throttled(async () => { await loadChats(); drawChats(); }, 5000);

// A scored message waits for an extraction a moment later.
const countWaiting = settled(() => knowledge.refreshStats(), 1500);

function learnChat(id) {
  if (id === undefined || !chats.items.some((chat) => chat.id === id)) refreshChats();
}

function drawChats() {
  messages.drawChats();
  views.search.drawFilters();
}

// Without a view in the address, what there is decides: knowledge once there is any.
async function firstView() {
  try {
    return emptyStats(await call("/api/v1/knowledge/stats")) ? "messages" : "knowledge";
  } catch {
    return "messages";
  }
}

// Resolves once the view has what it shows.
async function navigate({ byPerson }) {
  const asked = route();
  const view = asked.view ?? shown ?? (await firstView());
  const isNew = view !== shown;
  if (isNew && shown) scrolled[shown] = scrollY;
  shown = view;
  for (const name of Object.keys(views)) $(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${t(view)} · Task Tracker`;
  const filled = views[view].show(asked);
  if (isNew && byPerson) {
    scrollTo(0, scrolled[view] ?? 0);
    $(`view-${view}`).focus({ preventScroll: true });
  }
  await filled;
}

function onFrame(frame) {
  const [topic] = frame.type.split(".");
  if (topic === "knowledge") knowledge.onFrame(frame, shown === "knowledge");
  else if (topic === "analysis") tasks.onFrame(frame, shown === "tasks");
  else if (topic === "task") operate.onFrame(frame, shown === "operate");
  else if (topic.startsWith("experiment_")) experiments.onFrame(frame, shown === "experiments");
  else if (["provider", "agent", "embedding"].includes(topic)) settings.onFrame(frame, shown === "settings");
  else messages.onFrame(frame, shown === "messages");
  if (frame.type.endsWith("_scored") && shown === "knowledge") countWaiting();
  if (["knowledge", "ingestion"].includes(topic)) settings.onFrame(frame, shown === "settings");
}

function onState(state) {
  linkState = state;
  drawLink();
}

// Something happened that the socket did not tell: what is shown is read again.
function onMissed() {
  refreshChats();
  views[shown]?.refresh();
  knowledge.refreshStats();
  tasks.refreshWaiting();
  operate.refreshDead();
}

async function enter(key) {
  try {
    await (key ? signIn(key) : resume());
  } catch (error) {
    if (error.status === 401) return ask(key ? t("enterWrong") : "");
    // With a key somebody is there to read what is wrong; without one the page goes on by itself.
    if (!key) setTimeout(() => { if (!document.body.dataset.inside) enter(null); }, AGAIN);
    return !key && !$("enter").hidden ? undefined : ask(reason(error));
  }
  document.body.dataset.admin = may("admin") ? "yes" : "no";
  await loadChats().catch(() => {});
  await loadEngine().catch(() => {});
  $("enter").hidden = true;
  document.body.dataset.inside = "yes";
  drawChats();
  await Promise.race([navigate({ byPerson: false }), new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
  $("board").hidden = false;
  leaveLive?.();
  leaveLive = live({ onState, onFrame, onMissed, onRefused: leave });
}

function ask(wrong) {
  $("board").hidden = true;
  delete document.body.dataset.inside;
  $("enter").hidden = false;
  $("enter-wrong").textContent = wrong;
  $("key").value = "";
  $("key").focus();
}

// The session is over, here or altogether.
function leave() {
  leaveLive?.();
  leaveLive = null;
  onState("off");
  ask("");
}

function drawLink() {
  $("link").dataset.state = linkState;
  $("link").lastElementChild.textContent = t(linkState);
}

function drawWaiting(stats) {
  const count = (stats.atoms.needs_review ?? 0) + stats.drafts;
  $("waiting").textContent = count ? number(count) : "";
  $("waiting").title = t("waitingHint");
}

function drawWaitingTasks(count) {
  $("waiting-tasks").textContent = count ? number(count) : "";
  $("waiting-tasks").title = t("waitingTasks");
}

function drawDead(count) {
  $("dead").textContent = count ? number(count) : "";
  $("dead").title = t("deadLetters");
}

function redraw() {
  apply();
  drawLink();
  if (shown) document.title = `${t(shown)} · Task Tracker`;
  for (const view of Object.values(views)) view.redraw();
}

onRefused(leave);
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#key=")) enter(keyFromLink());
  else if (document.body.dataset.inside) navigate({ byPerson: true }).catch(complain);
});
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog")) return;
  event.preventDefault();
  $("q").focus();
  $("q").select();
});
$("skip").addEventListener("click", (event) => { event.preventDefault(); $(`view-${shown ?? "messages"}`).focus(); });
$("leave").addEventListener("click", () => signOut().then(leave, complain));
$("enter-form").addEventListener("submit", (event) => { event.preventDefault(); enter($("key").value.trim()); });
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => { speak(button.dataset.lang); redraw(); });
}

setInterval(() => {
  if (document.body.dataset.inside && !document.hidden && shown === "messages") messages.refreshHealth();
}, 10000);
setInterval(() => {
  if (document.body.dataset.inside && !document.hidden && shown === "operate") operate.tick();
}, 1000);
apply();
drawLink();
enter(keyFromLink());
