"""What the gateway counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

from shared.telemetry.exemplars import TracedHistogram

REQUESTS = TracedHistogram(
    "tt_gateway_request_seconds",
    "Time to answer an HTTP request, by route and status",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
WEBHOOK_UPDATES = Counter(
    "tt_gateway_webhook_updates_total",
    "Webhook updates: accepted, or why they were acknowledged without being kept, or refused",
    ["outcome"],
)
for _outcome in ("accepted", "closed", "refused", "unavailable"):
    # From 0 on, so that the first one is an increase.
    WEBHOOK_UPDATES.labels(_outcome)
SOCKETS = Gauge("tt_gateway_sockets", "WebSocket clients connected now")
SOCKETS_CLOSED = Counter("tt_gateway_sockets_closed_total", "WebSocket clients gone, by reason", ["reason"])
FRAMES_SENT = Counter("tt_gateway_frames_sent_total", "Frames sent to WebSocket clients")
FRAMES_REPLACED = Counter(
    "tt_gateway_frames_replaced_total", "Progress frames that a newer one replaced before they were sent"
)
EVENT_DELAY = Histogram(
    "tt_gateway_event_delay_seconds",
    "From when the stream took an event until this process heard it, of what came since it began to follow",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)
STORE_BYTES = Gauge("tt_store_bytes", "What is stored: in NATS, and in Postgres", ["store"])
STORE_LIMIT = Gauge("tt_store_limit_bytes", "What may be stored there, where it is known", ["store"])
REPLAYS = Counter(
    "tt_gateway_replays_total", "WebSocket clients that came back from farther than the frames in memory"
)
AUDIT_ENDINGS_LOST = Counter(
    "tt_gateway_audit_endings_lost_total", "Entries of the audit log whose status could not be kept"
)
REQUESTS_CUT = Counter(
    "tt_gateway_requests_cut_total",
    "Connections ended because a request did not arrive, could not be read, or its answer was not taken",
    ["reason"],
)
REFUSED = Counter("tt_gateway_refused_total", "Requests that were not let in, by reason", ["reason"])
