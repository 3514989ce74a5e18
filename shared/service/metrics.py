"""What `/metrics` of a service plane shows: what all processes of its container counted, and the queues.

Prometheus' client shares the counts of processes through files in the folder that `PROMETHEUS_MULTIPROC_DIR`
names; without it each process knows its own alone.
See https://prometheus.github.io/client_python/multiprocess/.
"""

import os

from dramatiq.errors import BrokerError
from loguru import logger
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dramatiq_nats import NatsBroker
from dramatiq_nats.metrics import QueueCollector

TASKS = Histogram(
    "tt_task_seconds",
    "Runs of tasks, by how they ended: succeeded, failed, retrying, dead.",
    ["actor", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600),
)
DEAD_LETTERS = Counter(
    "tt_dead_letters_total", "Dead letters that were told of, by queue and reason.", ["queue", "reason"]
)
BROKEN_WORKS = Counter(
    "tt_broken_works_total",
    "Errors that nobody foresaw in what a service does beside its queues, by work.",
    ["work"],
)


def counted() -> bytes:
    """What the container's processes counted, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # it registers itself
    return generate_latest(together)


def queue_figures(broker: NatsBroker) -> bytes:
    """How full the queues are, in the same format; nothing when NATS does not answer within ten seconds."""
    queues = CollectorRegistry()
    queues.register(QueueCollector(broker))
    try:
        return generate_latest(queues)
    except BrokerError as error:
        logger.debug("no figures of the queues: {!r}", error)
        return b""
