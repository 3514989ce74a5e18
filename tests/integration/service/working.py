"""A worker of the service `scoring` within the test's process, whose one actor does what the test says."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dramatiq
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import AsyncIO, CurrentMessage, Middleware, Retries, TimeLimit

from dramatiq_nats import NatsBroker
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.messaging.connection import close_connection
from shared.service.actors import actor, declare_on
from shared.service.failures import will_retry
from shared.service.presence import Presence

ACTOR = "score_unscored_messages_task"
QUEUE = "scoring"


class _Closing(Middleware):
    """Closes the worker's connection before its loop ends."""

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        del broker, worker
        thread = get_event_loop_thread()
        assert thread is not None
        asyncio.run_coroutine_threadsafe(close_connection(), thread.loop).result(timeout=5)


@contextmanager
def working(
    nats_url: str, namespace: str, work: Callable[[], Awaitable[Any]], *more: Middleware, threads: int = 2
) -> Iterator[NatsBroker]:
    """Run the worker within; `work` is what its actor does."""
    middleware = [
        TimeLimit(),
        Retries(max_retries=None, retry_when=will_retry),  # type: ignore[arg-type]  # as the service has it
        CurrentMessage(),
        AsyncIO(),
        _Closing(),
        Presence("scoring"),
        *more,
    ]
    broker = NatsBroker(servers=nats_url, namespace=namespace, middleware=middleware)

    @actor(ScoreUnscoredMessages)
    async def score_unscored_messages_task(message_ids: list[int] | None) -> Any:
        del message_ids
        return await work()

    declare_on(broker, score_unscored_messages_task)
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=threads)
    worker.start()
    try:
        yield broker
    finally:
        worker.stop(timeout=5_000)
        broker.close()


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for a condition, at the most so long."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"not within {seconds:g} s: {what}")
