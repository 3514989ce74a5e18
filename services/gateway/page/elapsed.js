// How long something has taken, as a person says it: "4 s", "3 min", "2 h".

import { number, t } from "./words.js";

export function span(seconds) {
  for (const [unit, size] of [["unitDay", 86_400], ["unitHour", 3600], ["unitMinute", 60]]) {
    if (seconds >= 2 * size) return `${number(Math.floor(seconds / size))} ${t(unit)}`;
  }
  return `${number(Math.max(0, Math.floor(seconds)))} ${t("unitSecond")}`;
}

export const elapsed = (iso) => span((Date.now() - new Date(iso)) / 1000);
