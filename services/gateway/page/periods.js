// Periods, in days as the reader counts them, in his time zone; the last day is part of the period.

import { call } from "./api.js";

const MANY_CHATS = 10;

// What a form's `since` and `until` say, as the API wants it.
export function period(form) {
  const { since, until } = form.elements;
  return { ...(since.value ? { since: startOf(since.value) } : {}), ...(until.value ? { until: startOf(until.value, 1) } : {}) };
}

function startOf(value, later = 0) {
  const date = new Date(`${value}T00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

// "2026-03-22", as a date field has it.
export function asField(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

// The last weeks of what there is, up to `latest`; both ends are days.
export function lastWeeks(latest, weeks) {
  const until = new Date(latest);
  const since = new Date(until);
  since.setDate(since.getDate() - weeks * 7 + 1);
  return { since: asField(since), until: asField(until) };
}

// When the newest message of these chats, or of all, was sent; now when there is none.
export async function latestOf(chatIds) {
  const asked = chatIds.length && chatIds.length <= MANY_CHATS ? chatIds : [null];
  const found = await Promise.all(asked.map((id) => call(`/api/v1/messages?${new URLSearchParams({ limit: 1, ...(id === null ? {} : { chat_id: id }) })}`)));
  const times = found.flatMap((page) => page.items.map((message) => message.sent_at));
  return times.length ? times.reduce((a, b) => (new Date(a) > new Date(b) ? a : b)) : new Date().toISOString();
}
