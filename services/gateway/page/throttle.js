// Work that is asked for more often than it should be done.

import { complain } from "./notices.js";

// Runs `work` soon, but never more often than every `pause` ms, and once more for what came meanwhile.
export function throttled(work, pause) {
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

// Runs `work` once nothing more was asked for `pause` ms.
export function settled(work, pause) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => Promise.resolve(work()).catch(complain), pause);
  };
}
