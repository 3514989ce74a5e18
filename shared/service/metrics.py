"""What every service counts, and what its `/metrics` tells beside: its readiness and the queues."""

from collections.abc import Iterable

from dramatiq.errors import BrokerError
from loguru import logger
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily

from dramatiq_nats import NatsBroker
from dramatiq_nats.metrics import queue_gauges
from shared.service.health import Health
from shared.telemetry.exemplars import TracedHistogram

TASKS = TracedHistogram(
    "tt_task_seconds",
    "Runs of tasks, by how they ended: succeeded, failed, retrying, dead.",
    ["actor", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600),
)
WAITS = TracedHistogram(
    "tt_task_wait_seconds",
    "From when a task was sent, or due, until a worker began it.",
    ["queue"],
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600),
)
LOOP_LAG = Histogram(
    "tt_event_loop_lag_seconds",
    "How late the event loop of a process does what is due, measured each second.",
    ["process"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CONNECTIONS_IN_USE = Gauge(
    "tt_database_connections_in_use",
    "Database connections that are working at this moment, of all processes of a kind in the container.",
    ["process"],
    multiprocess_mode="livesum",
)
CONNECTIONS_LIMIT = Gauge(
    "tt_database_connections_limit",
    "Database connections that all processes of a kind in the container may have.",
    ["process"],
    multiprocess_mode="livesum",
)
DEAD_LETTERS = Counter(
    "tt_dead_letters_total", "Dead letters that were told of, by queue and reason.", ["queue", "reason"]
)
BROKEN_WORKS = Counter(
    "tt_broken_works_total",
    "Errors that nobody foresaw in what a service does beside its queues, by work.",
    ["work"],
)


def readiness(found: Health) -> GaugeMetricFamily:
    """What was found when everything that a process needs was looked at: 1 for what is there, by its name."""
    gauge = GaugeMetricFamily(
        "tt_ready", "Whether what the process needs is there, by its name", labels=["check"]
    )
    for name, check in found.checks.items():
        gauge.add_metric([name], float(check.ok))
    return gauge


def queue_figures(broker: NatsBroker) -> Iterable[GaugeMetricFamily]:
    """How full the queues are; nothing when NATS does not answer within ten seconds."""
    try:
        return queue_gauges(broker.namespace, broker.queue_stats())
    except BrokerError as error:
        logger.debug("no figures of the queues: {!r}", error)
        return ()
