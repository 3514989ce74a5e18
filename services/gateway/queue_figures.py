"""How full the queues are and who works on them, asked of the message server."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from nats.js import JetStreamContext
from prometheus_client.core import GaugeMetricFamily

from dramatiq_nats import QueueStats, queue_stats
from dramatiq_nats.metrics import queue_gauges
from services.gateway.message_server import jetstream, queues_namespace
from shared.contracts.base import COMMANDS
from shared.messaging.workers import WorkerRecord, list_workers

BELIEVED_SECONDS: Final = 3.0


class QueueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How full one queue is, and who works on it.

    Attributes:
        queue: Its name, which is the service's.
        ready: Tasks that wait for a worker.
        in_progress: Tasks that a worker holds, running or about to.
        in_line: Tasks that wait for one before them with the same key.
        delayed: Tasks whose time has not come, retries included.
        lag: Tasks that could be worked off now: ready and in progress.
        redelivered: Of those in progress, how many were handed out more than once, as a worker was killed.
        dead: Dead letters.
        oldest_at: When the oldest task that is ready or in progress came; null when there is none.
        oldest_seconds: Its age.
        paused: Whether it hands out nothing.
        paused_until: When it goes on by itself; null when it is not paused, or until it is resumed.
        workers: Worker processes that take from it.
        threads: Tasks that they can run at the same time.
        busy: Tasks that they run at this moment.
    """

    queue: str
    ready: int
    in_progress: int
    in_line: int
    delayed: int
    lag: int
    redelivered: int
    dead: int
    oldest_at: datetime | None = None
    oldest_seconds: float | None = None
    paused: bool = False
    paused_until: datetime | None = None
    workers: int = 0
    threads: int = 0
    busy: int = 0


async def queues_now(js: JetStreamContext) -> list[QueueRecord]:
    """Every queue that has tasks or workers, by name."""
    workers = await list_workers()
    return [_record(stats, workers) for stats in await queue_stats(js, queues_namespace())]


def _record(stats: QueueStats, workers: list[WorkerRecord]) -> QueueRecord:
    processes, threads, busy = _hands(stats.queue, workers)
    return QueueRecord(
        queue=stats.queue,
        ready=stats.ready,
        in_progress=stats.in_progress,
        in_line=stats.in_line,
        delayed=stats.delayed,
        lag=stats.lag,
        redelivered=stats.redelivered,
        dead=stats.dead,
        oldest_at=stats.oldest_at,
        oldest_seconds=None if stats.oldest_age is None else round(stats.oldest_age, 1),
        paused=stats.paused,
        paused_until=stats.paused_until,
        workers=processes,
        threads=threads,
        busy=busy,
    )


def _hands(queue: str, workers: list[WorkerRecord]) -> tuple[int, int, int]:
    """How many processes take from a queue, how many tasks they can run at once, and how many they run."""
    mine = [worker for worker in workers if queue in worker.queues]
    busy = sum(task.queue == queue for worker in mine for task in worker.running)
    return len(mine), sum(worker.threads for worker in mine), busy


class QueueFigures:
    """The queues' figures for metrics and health, asked for every three seconds at the most."""

    def __init__(self) -> None:
        """Begin with none."""
        self._asked_at = -BELIEVED_SECONDS
        self._stats: list[QueueStats] = []
        self._workers: list[WorkerRecord] = []

    async def now(self) -> list[QueueStats]:
        """The figures, some seconds old at the most.

        Raises:
            QueryError: `unavailable`, when the message server is away.
            nats.errors.Error: When it does not answer.
        """
        if time.monotonic() - self._asked_at >= BELIEVED_SECONDS:
            self._stats = await queue_stats(await jetstream(), queues_namespace())
            self._workers = await list_workers()
            self._asked_at = time.monotonic()
        return self._stats

    async def gauges(self) -> list[GaugeMetricFamily]:
        """The figures for Prometheus; errors as `now`."""
        stats = await self.now()
        # Also a queue that has neither a task nor a worker has none: that is what an alert looks for.
        queues = {command.queue_name for command in COMMANDS.values()} | {each.queue for each in stats}
        return [
            *queue_gauges(queues_namespace(), stats),
            *worker_gauges(sorted(queues), self._workers),
        ]


def worker_gauges(queues: Iterable[str], workers: list[WorkerRecord]) -> list[GaugeMetricFamily]:
    """Who works on each queue, for Prometheus."""
    gauges = [
        GaugeMetricFamily("tt_queue_workers", "Worker processes that take from a queue", labels=["queue"]),
        GaugeMetricFamily("tt_queue_threads", "Tasks that they can run at the same time", labels=["queue"]),
        GaugeMetricFamily("tt_queue_busy", "Tasks that they run at this moment", labels=["queue"]),
    ]
    for queue in queues:
        for gauge, figure in zip(gauges, _hands(queue, workers), strict=True):
            gauge.add_metric([queue], figure)
    return gauges
