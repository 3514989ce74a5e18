"""What is counted of language models, for Prometheus."""

from prometheus_client import Counter, Gauge

from shared.telemetry.exemplars import TracedHistogram

CALLS = Counter(
    "tt_llm_calls_total",
    "Calls of language models: ok, failed, or answered from the cache",
    ["provider", "model", "task", "outcome"],
)
TOKENS = Counter(
    "tt_llm_tokens_total",
    "Tokens sent (input) and received (output)",
    ["provider", "model", "task", "direction"],
)
COST = Counter(
    "tt_llm_cost_dollars_total", "US dollars, by the provider's prices", ["provider", "model", "task"]
)
SECONDS = TracedHistogram(
    "tt_llm_call_seconds",
    "Time of a call, retries and waiting for a place included",
    ["provider", "model", "task"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)
RETRIES = Counter(
    "tt_llm_transient_failures_total",
    "Requests that failed in a way that may pass, by HTTP status, `timeout` or `connection`",
    ["provider", "kind"],
)
FAILING = Gauge(
    "tt_llm_provider_failing",
    "1 when the newest call of a provider failed, 0 when it was answered",
    ["provider"],
    multiprocess_mode="mostrecent",
)
