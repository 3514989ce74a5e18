"""Prometheus metrics of the queues, read from the server at every scrape."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dramatiq_nats.stats import QueueStats

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

_GAUGES: Final[tuple[tuple[str, str, Callable[[QueueStats], float]], ...]] = (
    ("messages_ready", "Messages that wait for a worker", lambda stats: stats.ready),
    (
        "messages_unacknowledged",
        "Messages that a worker holds, running or prefetched",
        lambda stats: stats.in_progress,
    ),
    (
        "messages_in_line",
        "Messages that wait for one before them with the same partition key",
        lambda stats: stats.in_line,
    ),
    ("messages_delayed", "Messages whose time has not come, retries included", lambda stats: stats.delayed),
    (
        "messages_redelivered",
        "Messages in progress that were delivered more than once",
        lambda stats: stats.redelivered,
    ),
    ("messages_dead", "Dead letters", lambda stats: stats.dead),
    (
        "oldest_message_age_seconds",
        "Age of the oldest message that is ready or in progress; 0 when there is none",
        lambda stats: stats.oldest_age or 0.0,
    ),
    ("queue_paused", "1 while the queue hands out nothing, else 0", lambda stats: float(stats.paused)),
)


class QueueCollector(Collector):
    """Gauges by queue: ``dramatiq_nats_messages_ready{namespace="…",queue="…"}`` and so on.

    Register it in one process of the fleet, or in each and aggregate with ``max``: all read the same server.

    >>> prometheus_client.REGISTRY.register(QueueCollector(broker))

    Args:
      broker: Whose queues. A scrape while NATS cannot be reached fails after 10 seconds, so that a stale
        figure is never shown.
    """

    def __init__(self, broker: "NatsBroker") -> None:
        self._broker = broker

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges without values, so that registering asks no server."""
        return queue_gauges(self._broker.namespace, [])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges.

        Raises:
          dramatiq.errors.BrokerConnectionError: When the server did not answer.
        """
        return queue_gauges(self._broker.namespace, self._broker.queue_stats())


def queue_gauges(namespace: str, queues: Iterable[QueueStats]) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges of queues whose figures are known, for a collector of one's own.

    Args:
      namespace: The broker's namespace, a label.
      queues: As `dramatiq_nats.queue_stats` returned them.
    """
    queues = list(queues)
    for name, text, figure in _GAUGES:
        gauge = GaugeMetricFamily(f"dramatiq_nats_{name}", text, labels=("namespace", "queue"))
        for stats in queues:
            gauge.add_metric((namespace, stats.queue), figure(stats))
        yield gauge
