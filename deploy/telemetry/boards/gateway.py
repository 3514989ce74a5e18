"""The gateway: requests, who is refused, and what goes out live."""

from typing import Final

from deploy.telemetry.boards.panels import Board, Panel, Row
from deploy.telemetry.boards.queries import Query, matchers, quantiles, rate

_ASKED: Final = 'route!~"/health.*|/metrics"'
_GATEWAY: Final = 'service="gateway"'
_FAILED: Final = f'status=~"5..", {_ASKED}'


def _rate(metric: str, by: str, where: str = "") -> Query:
    return rate(metric, by, where, service=False)


def _here(metric: str, what: str = "") -> Query:
    """A figure of each gateway process."""
    return Query(metric + matchers(_GATEWAY, service=False), f"{{{{instance}}}} {what}".strip())


def _all(metric: str, what: str) -> Query:
    """The rate of what all gateway processes count together."""
    return Query(f"sum(rate({metric}{matchers(service=False)}[$__rate_interval]))", what)


_REQUESTS: Final = Row(
    "Requests",
    [
        Panel(
            "Answered",
            "By status.",
            "reqps",
            [_rate("tt_gateway_request_seconds_count", "status", _ASKED)],
            alerts=["GatewayErrors"],
            stacked=True,
        ),
        Panel(
            "Failed",
            "The share of the requests that were answered with 5xx, health and metrics left out.",
            "percentunit",
            [
                Query(
                    "sum(rate(tt_gateway_request_seconds_count"
                    f"{matchers(_FAILED, service=False)}[$__rate_interval]))"
                    " / sum(rate(tt_gateway_request_seconds_count"
                    f"{matchers(_ASKED, service=False)}[$__rate_interval]))",
                    "5xx",
                )
            ],
            alerts=["GatewayErrors"],
            thresholds=((None, "green"), (0.05, "red")),
        ),
        Panel(
            "Time of a request",
            "Of all that are answered, health and metrics left out. A point leads to the trace of one.",
            "s",
            quantiles("tt_gateway_request_seconds", where=_ASKED, service=False),
            alerts=["GatewaySlow"],
        ),
        Panel(
            "Slowest routes",
            "The time that 19 of 20 requests stay below, of the ten slowest routes, within the last 15 "
            "minutes.",
            "s",
            [
                Query(
                    "topk(10, histogram_quantile(0.95, sum by (le, method, route)"
                    f" (rate(tt_gateway_request_seconds_bucket{matchers(_ASKED, service=False)}[15m]))))",
                    instant=True,
                )
            ],
            kind="table",
            alerts=["GatewaySlow"],
        ),
        Panel(
            "Not let in",
            "Requests without a good key, without the scope, or over their limit.",
            "reqps",
            [_rate("tt_gateway_refused_total", "reason")],
        ),
        Panel(
            "Cut",
            "Connections that were ended: the request did not arrive, could not be read, or its answer "
            "was not taken.",
            "reqps",
            [_rate("tt_gateway_requests_cut_total", "reason")],
        ),
    ],
)
_LIVE: Final = Row(
    "Live events",
    [
        Panel(
            "WebSocket clients",
            "Connected now, by instance.",
            "short",
            [_here("tt_gateway_sockets")],
            stacked=True,
        ),
        Panel(
            "Frames",
            "Sent to clients, and progress that newer progress replaced before it was sent.",
            "ops",
            [
                Query(
                    f"sum(rate(tt_gateway_frames_sent_total{matchers(service=False)}[$__rate_interval]))",
                    "sent",
                ),
                Query(
                    f"sum(rate(tt_gateway_frames_replaced_total{matchers(service=False)}[$__rate_interval]))",
                    "replaced",
                ),
            ],
        ),
        Panel(
            "Clients gone",
            "By reason: `too_slow` could not take what there was to tell. Those that come back from far "
            "have the stream read "
            "for them (`replays`).",
            "ops",
            [
                _rate("tt_gateway_sockets_closed_total", "reason"),
                Query(
                    f"sum(rate(tt_gateway_replays_total{matchers(service=False)}[$__rate_interval]))",
                    "replays",
                ),
            ],
        ),
        Panel(
            "Events behind",
            "Events of the stream that an instance has not heard yet, and that its slowest client was not "
            "told.",
            "short",
            [
                _here("tt_gateway_events_behind"),
                Query(
                    f"tt_gateway_slowest_socket_events{matchers(service=False)}",
                    "{{instance}} slowest client",
                ),
            ],
            alerts=["EventsBehind"],
            thresholds=((None, "green"), (500, "red")),
        ),
        Panel(
            "Delay of events",
            "From when the stream took an event until the gateway heard it. An instance that has just "
            "begun reads old ones.",
            "s",
            quantiles("tt_gateway_event_delay_seconds", of=[0.5, 0.95], service=False, exemplars=False),
            alerts=["EventsBehind"],
        ),
        Panel(
            "Webhook",
            "Telegram's updates, by what became of them.",
            "reqps",
            [_rate("tt_gateway_webhook_updates_total", "outcome")],
            alerts=["WebhookNotTaken"],
            stacked=True,
        ),
    ],
)
_PROCESS: Final = Row(
    "The processes",
    [
        Panel(
            "Memory",
            "What a gateway process holds in memory.",
            "bytes",
            [_here("process_resident_memory_bytes")],
        ),
        Panel(
            "Open files",
            "Sockets included; at the limit nobody can connect.",
            "short",
            [_here("process_open_fds"), _here("process_max_fds", "limit")],
        ),
        Panel(
            "Audit log",
            "Entries whose ending could not be kept: they stay open, so that nobody takes a change for "
            "refused.",
            "ops",
            [
                Query(
                    f"sum(rate(tt_gateway_audit_endings_lost_total{matchers(service=False)}[$__rate_interval]))",
                    "lost",
                )
            ],
        ),
    ],
)

GATEWAY: Final = Board(
    uid="task-tracker-gateway",
    title="Task Tracker: gateway",
    description="Is everybody answered, how fast, and is what happens told live?",
    rows=[_REQUESTS, _LIVE, _PROCESS],
    by_service=False,
)
