"""Presence: each worker process says what it does, for whoever operates the system.

Working costs it two changes of a dictionary a task. What is in the dictionary is looked at twice a second and
told when it changed, else every two seconds. Nothing waits for that: while NATS is away nothing is told.
"""

import asyncio
import os
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dramatiq
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import Middleware
from loguru import logger
from nats.errors import Error as NatsError

from shared.contracts.errors import QueryError
from shared.messaging.workers import RunningTask, WorkerRecord, forget_worker, put_worker
from shared.telemetry import run_id_in

LOOK_EVERY = 0.5
TELL_EVERY = 2.0
_PATIENCE = 3.0
_FAILURES = (NatsError, QueryError, OSError, TimeoutError)


@dataclass(slots=True)
class _Work:
    """What this process does: the messages that its threads run, and since when."""

    service: str
    threads: int
    queues: list[str]
    started_at: datetime
    running: dict[int, tuple["dramatiq.MessageProxy", float]] = field(default_factory=dict)


class Presence(Middleware):
    """Notes what begins and ends, and tells of it from the event loop; stands after AsyncIO."""

    def __init__(self, service: str) -> None:
        self._work = _Work(service, 0, [], datetime.now(UTC))
        self._telling: Future[None] | None = None

    def before_worker_boot(self, broker: "dramatiq.Broker", worker: "dramatiq.Worker") -> None:
        """Begin to tell."""
        self._work.threads = worker.worker_threads
        self._work.queues = sorted(broker.get_declared_queues())
        self._work.started_at = datetime.now(UTC)
        self._telling = asyncio.run_coroutine_threadsafe(tell(self._work), _loop())

    def before_process_message(self, broker: Any, message: "dramatiq.MessageProxy") -> None:
        """Note that a task begins."""
        del broker
        self._work.running[id(message)] = (message, time.time())

    def after_process_message(
        self, broker: Any, message: Any, *, result: Any = None, exception: Any = None
    ) -> None:
        """Note that it ended."""
        del broker, result, exception
        self._work.running.pop(id(message), None)

    def after_skip_message(self, broker: Any, message: Any) -> None:
        """Note that it did not begin after all."""
        del broker
        self._work.running.pop(id(message), None)

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Say that this process ends; not for long, when NATS does not answer."""
        del broker, worker
        if self._telling is None:
            return
        self._telling.cancel()
        ended = asyncio.run_coroutine_threadsafe(_say_goodbye(self._work), _loop())
        with suppress(TimeoutError):
            ended.result(timeout=_PATIENCE)


async def tell(work: _Work) -> None:
    """Tell what this process does until cancelled, whatever is away."""
    told: list[RunningTask] | None = None
    told_at = 0.0
    while True:
        running = _running(work)
        if running != told or time.monotonic() - told_at >= TELL_EVERY:
            try:
                await asyncio.wait_for(put_worker(_record(work, running)), _PATIENCE)
                told, told_at = running, time.monotonic()
            except _FAILURES as error:
                logger.debug("nobody is told what this process does: {!r}", error)
        await asyncio.sleep(LOOK_EVERY)


async def _say_goodbye(work: _Work) -> None:
    try:
        await asyncio.wait_for(forget_worker(_record(work, [])), _PATIENCE / 2)
    except _FAILURES as error:
        logger.debug("nobody is told that this process ends: {!r}", error)


def _running(work: _Work) -> list[RunningTask]:
    tasks = [
        RunningTask(
            actor=message.actor_name,
            queue=message.queue_name,
            task_id=message.message_id,
            run_id=run_id_in(message.options.get("headers") or {}),
            since=datetime.fromtimestamp(since, UTC),
            attempt=int(message.options.get("retries") or 0) + 1,
        )
        for message, since in list(work.running.values())
    ]
    return sorted(tasks, key=lambda task: task.since)


def _record(work: _Work, running: list[RunningTask]) -> WorkerRecord:
    return WorkerRecord(
        service=work.service,
        host=socket.gethostname(),
        pid=os.getpid(),
        started_at=work.started_at,
        beat_at=datetime.now(UTC),
        threads=work.threads,
        queues=work.queues,
        running=running,
    )


def _loop() -> asyncio.AbstractEventLoop:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware must stand before Presence")
    return thread.loop
