// Follows what happens in an installation over its WebSocket: comes back by itself and goes on where it was, each event once,
// and says when something is missing. Needs nothing; works in a browser and wherever there is a global `WebSocket`.
// What goes over the wire stands in docs/websocket.md.
//
//   import { connect } from "/assets/live.js";
//   const following = connect({
//     topics: ["messages", "knowledge"],
//     onEvent: ({ type, data, run_id }) => show(type, data),
//     onGap: ({ reason }) => readAgainByRest(),
//     onState: (state) => light(state),
//   });
//   following.close();
//
// connect(options) begins at once and returns { close(), position }. Options, none of which is needed:
//   url        of `/ws`, with http, https, ws or wss; this page's own unless told
//   topics     names; all that may be followed unless told
//   after      a position, `<epoch>:<seq>`, to go on from, such as an earlier `following.position`; from now on unless told
//   ticket     an async function that gets a new one-time ticket (POST /api/v1/ws/tickets); without it the browser's session
//              opens the socket. It may throw an error with the `status` 401 or 403, which ends it all, or any other: tried again
//   onEvent    (frame) for each event: type, data, seq, epoch, at, run_id
//   onGap      ({ reason, from, to }) when what happened between two positions is not told any more: read by REST what you show
//   onState    (state, about): "connecting"; "live", about { resumed }: whether it goes on from a position, if with a gap;
//              "waiting", about { seconds } until the next attempt; "closed", after close() or a refusal
//   onRefused  ({ code, reason }) when coming back would not help: 4400 the request is wrong, 4401 sign in, 4403 not allowed
// What onEvent or onGap throw is reported as any error of a page; the frame counts as dealt with.

const FIRST_PAUSE = 250; // ms; doubled with each failure
const MOST_DOUBLINGS = 6;
const STEADY = 5000; // a connection that held for so many ms was a good one
const SILENCE = 150_000; // ms; the gateway says something every minute, so that a connection silent for longer is dead
const REFUSALS = [4400, 4401, 4403];
const NOTHING = () => {};

export function connect(options = {}) {
  const { topics, ticket, onEvent = NOTHING, onGap = NOTHING, onState = NOTHING, onRefused = NOTHING } = options;
  let position = read(options.after);
  let socket = null;
  let failures = 0;
  let tickets = 0; // refused, one after the other
  let isOver = false;
  let isWaiting = false;
  const timers = {};

  function later(name, work, pause) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(work, pause);
  }

  async function open() {
    if (isOver) return;
    isWaiting = false;
    onState("connecting");
    let given = null;
    try {
      given = ticket ? await ticket() : null;
    } catch (error) {
      if (error?.status === 401 || error?.status === 403) refuse({ code: 4401, reason: error.message });
      else again();
      return;
    }
    if (isOver) return;
    const opened = new WebSocket(address(options.url, { topics: topics?.join(","), after: write(position), ticket: given }));
    socket = opened;
    let isFirst = true;
    later("silence", lost, SILENCE);
    opened.onmessage = ({ data }) => {
      if (socket !== opened) return;
      later("silence", lost, SILENCE);
      const frame = JSON.parse(data);
      if (isFirst) {
        isFirst = false;
        tickets = 0;
        later("steady", () => { failures = 0; }, STEADY);
        onState("live", { resumed: frame.type === "gap" || frame.data.resumed });
      }
      take(frame);
    };
    opened.onclose = ({ code, reason }) => { if (socket === opened) closed(code, reason); };
  }

  function take(frame) {
    const since = position;
    const isNew = frame.type === "gap" || !since || frame.epoch !== since.epoch || frame.seq > since.seq;
    if (!isNew) return;
    position = { epoch: frame.epoch, seq: frame.seq };
    if (frame.type === "gap") tell(onGap, { reason: frame.data.reason, from: frame.data.from, to: write(position) });
    else if (frame.type !== "hello" && frame.type !== "position") tell(onEvent, frame);
  }

  function closed(code, reason) {
    socket = null;
    // A ticket may have come too late; another is worth one attempt.
    if (code === 4401 && ticket && ++tickets < 2) again();
    else if (REFUSALS.includes(code)) refuse({ code, reason });
    else again();
  }

  function lost() {
    const dead = socket;
    socket = null;
    dead?.close();
    if (!isOver) again();
  }

  function again() {
    clearTimeout(timers.steady);
    clearTimeout(timers.silence);
    if (isOver) return;
    const pause = FIRST_PAUSE * 2 ** failures * (0.75 + Math.random() / 2);
    failures = Math.min(failures + 1, MOST_DOUBLINGS);
    isWaiting = true;
    onState("waiting", { seconds: pause / 1000 });
    later("open", open, pause);
  }

  function refuse(why) {
    end();
    onRefused(why);
  }

  // The network is back: no need to wait for the next attempt.
  function hurry() {
    if (isWaiting) later("open", open, 0);
  }

  function end() {
    if (isOver) return;
    isOver = true;
    isWaiting = false;
    for (const timer of Object.values(timers)) clearTimeout(timer);
    globalThis.removeEventListener?.("online", hurry);
    const last = socket;
    socket = null;
    last?.close();
    onState("closed");
  }

  globalThis.addEventListener?.("online", hurry);
  open();
  return { close: end, get position() { return write(position); } };
}

function tell(listener, what) {
  try {
    listener(what);
  } catch (error) {
    if (globalThis.reportError) reportError(error);
    else console.error(error);
  }
}

function address(url, parameters) {
  const found = new URL(url ?? "/ws", globalThis.location?.href);
  found.protocol = found.protocol.replace("http", "ws");
  for (const [name, value] of Object.entries(parameters)) if (value) found.searchParams.set(name, value);
  return found.href;
}

function read(text) {
  if (!text) return null;
  const [epoch, seq] = text.split(":");
  return { epoch, seq: Number(seq) };
}

const write = (position) => (position ? `${position.epoch}:${position.seq}` : null);
