// What services/gateway/page/live.js does over a connection that is opened, cut, refused and resumed. Run by test_live_module.py.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const timers = new Map();
let number = 0;
let now = 0;
globalThis.setTimeout = (work, pause) => { timers.set(++number, { work, at: now + pause }); return number; };
globalThis.clearTimeout = (id) => timers.delete(id);

class FakeSocket {
  constructor(url) {
    Object.assign(this, { url: new URL(url), isClosed: false });
    sockets.push(this);
  }
  say(frame) { this.onmessage({ data: JSON.stringify({ epoch: "e", at: "", run_id: null, data: {}, ...frame }) }); }
  cut(code = 1006, reason = "") { this.onclose({ code, reason }); }
  close() { this.isClosed = true; }
}
globalThis.WebSocket = FakeSocket;
globalThis.location = { href: "http://place:8000/#/messages" };
const online = new Set();
globalThis.addEventListener = (_, work) => online.add(work);
globalThis.removeEventListener = (_, work) => online.delete(work);
const errors = [];
globalThis.reportError = (error) => errors.push(error.message);

const { connect } = await import(process.env.LIVE_MODULE);

let sockets = [];
let told = [];
const latest = () => sockets.at(-1);
const settle = async () => { for (let turn = 0; turn < 10; turn += 1) await null; };

async function pass(time) {
  for (const end = now + time; ;) {
    const due = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
    if (!due) { now = end; break; }
    timers.delete(due[0]);
    now = due[1].at;
    due[1].work();
    await settle();
  }
  await settle();
}

async function follow(options = {}) {
  const following = connect({
    onEvent: (frame) => told.push(frame.seq),
    onGap: (gap) => told.push(gap),
    onState: (state, about) => told.push(about?.seconds ? state : about ? `${state} ${about.resumed}` : state),
    onRefused: ({ code }) => told.push(code),
    ...options,
  });
  await settle();
  return following;
}

beforeEach(() => { sockets = []; told = []; timers.clear(); online.clear(); errors.length = 0; });

test("asks for topics of the page's own gateway and tells events", async () => {
  const following = await follow({ topics: ["messages", "tasks"] });
  assert.equal(latest().url.href, "ws://place:8000/ws?topics=messages%2Ctasks");
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  latest().say({ type: "message_scored", seq: 9 });
  assert.deepEqual(told, ["connecting", "live false", 9]);
  assert.equal(following.position, "e:9");
});

test("comes back with the position of the last frame and tells nothing twice", async () => {
  await follow();
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  latest().say({ type: "message_scored", seq: 9 });
  latest().cut(1012);
  await pass(400);
  assert.equal(latest().url.searchParams.get("after"), "e:9");
  latest().say({ type: "hello", seq: 9, data: { resumed: true } });
  latest().say({ type: "message_scored", seq: 9 });
  latest().say({ type: "message_scored", seq: 10 });
  assert.deepEqual(told.slice(3), ["waiting", "connecting", "live true", 10]);
});

test("a position moves it on in silence, and a first frame is enough to come back", async () => {
  const following = await follow();
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  latest().say({ type: "position", seq: 70 });
  assert.equal(following.position, "e:70");
  assert.deepEqual(told, ["connecting", "live false"]);
});

test("a gap is told and its position taken, also a smaller one of another epoch", async () => {
  const following = await follow({ after: "e:100" });
  assert.equal(latest().url.searchParams.get("after"), "e:100");
  latest().say({ type: "gap", epoch: "f", seq: 3, data: { reason: "replaced", from: "e:100" } });
  latest().say({ type: "message_scored", epoch: "f", seq: 4 });
  assert.deepEqual(told, ["connecting", "live true", { reason: "replaced", from: "e:100", to: "f:3" }, 4]);
  assert.equal(following.position, "f:4");
});

test("pauses grow with failures, up to a limit, and begin anew after a connection that held", async () => {
  const pauses = [];
  await follow({ onState: (state, about) => { if (about?.seconds) pauses.push(about.seconds); } });
  for (let failure = 0; failure < 8; failure += 1) { latest().cut(); await pass(25_000); }
  for (const [index, pause] of pauses.entries()) {
    const expected = 0.25 * 2 ** Math.min(index, 6);
    assert.ok(pause >= expected * 0.75 && pause <= expected * 1.25, `${index}: ${pause}`);
  }
  latest().say({ type: "hello", seq: 1, data: { resumed: false } });
  await pass(6000);
  latest().cut();
  assert.ok(pauses.at(-1) <= 0.25 * 1.25);
});

test("each attempt has a new ticket; a late one is worth another attempt, two are not", async () => {
  let tickets = 0;
  await follow({ ticket: async () => `t${++tickets}` });
  assert.equal(latest().url.searchParams.get("ticket"), "t1");
  latest().cut(4401);
  await pass(400);
  assert.equal(latest().url.searchParams.get("ticket"), "t2");
  latest().cut(4401);
  await pass(60_000);
  assert.deepEqual([sockets.length, told.slice(-2)], [2, ["closed", 4401]]);
});

test("who may have no ticket is refused; a gateway that does not answer is tried again", async () => {
  await follow({ ticket: async () => { throw Object.assign(new Error("gone"), { status: 401 }); } });
  assert.deepEqual(told, ["connecting", "closed", 4401]);
  told = [];
  const following = await follow({ ticket: async () => { throw new TypeError("fetch failed"); } });
  assert.deepEqual(told, ["connecting", "waiting"]);
  following.close();
});

for (const code of [4400, 4401, 4403]) {
  test(`${code} without a ticket ends it`, async () => {
    await follow();
    latest().cut(code, "why");
    await pass(60_000);
    assert.deepEqual([sockets.length, told], [1, ["connecting", "closed", code]]);
  });
}

test("a connection that says nothing for long is left for another", async () => {
  await follow();
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  const dead = latest();
  await pass(151_000);
  assert.ok(dead.isClosed);
  assert.equal(sockets.length, 2);
  dead.say({ type: "message_scored", seq: 8 });
  assert.deepEqual(told.filter(Number.isInteger), []);
});

test("the network coming back ends a pause", async () => {
  await follow();
  for (let failure = 0; failure < 6; failure += 1) { latest().cut(); await pass(20_000); }
  latest().cut();
  const before = sockets.length;
  for (const work of online) work();
  await pass(1);
  assert.equal(sockets.length, before + 1);
});

test("close ends it for good", async () => {
  const following = await follow();
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  following.close();
  following.close();
  assert.ok(latest().isClosed);
  latest().cut();
  await pass(60_000);
  assert.deepEqual([sockets.length, told.slice(2), online.size, timers.size], [1, ["closed"], 0, 0]);
});

test("what a listener throws is reported and costs no frame", async () => {
  await follow({ onEvent: ({ seq }) => { told.push(seq); throw new Error(`bad ${seq}`); } });
  latest().say({ type: "hello", seq: 7, data: { resumed: false } });
  latest().say({ type: "a", seq: 8 });
  latest().say({ type: "a", seq: 9 });
  assert.deepEqual([told.slice(2), errors], [[8, 9], ["bad 8", "bad 9"]]);
});
