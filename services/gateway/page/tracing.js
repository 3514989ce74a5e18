// The way to a chain's trace.

import { call } from "./api.js";
import { button } from "./elements.js";
import { complain, toast } from "./notices.js";
import { t } from "./words.js";

export function traceButton(runId, name) {
  return button("quiet", t("trace"), () => openTrace(runId), name);
}

async function openTrace(runId) {
  try {
    const { url } = await call(`/api/v1/runs/${runId}/trace`);
    if (url) open(url, "_blank", "noopener");
    else toast(t("noTraces"));
  } catch (error) {
    complain(error);
  }
}
