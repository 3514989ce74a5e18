"""Work beside the queues that goes on, whatever happens to it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from loguru import logger

from shared.service.metrics import BROKEN_WORKS

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_AGAIN_AFTER = 0.5


async def keep_going(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a work until it returns; an error that it did not foresee is logged and counted, and it begins anew.

    Without this a task that fails in the service plane is silent: the outbox fills, and nobody knows why.

    Args:
        name: What it is, for the log and the metric.
        work: Begun anew after each error, with pauses that grow to half a minute.
    """
    # From 0 on, so that the first one is an increase.
    BROKEN_WORKS.labels(name).inc(0)
    pause = _FIRST_PAUSE
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - whatever it is, the other works of the process go on
            BROKEN_WORKS.labels(name).inc()
            logger.exception(
                "{} broke in a way that was not foreseen; beginning it anew in {:.0f} s", name, pause
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until every one has ended, whatever became of it.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, by which libraries wait, swallows a
    cancellation that comes in the moment in which what it waits for does, too (python/cpython#86296).
    A process that is told to end while it has much to do would then go on for ever.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=_AGAIN_AFTER)
        for task in ended:
            if not task.cancelled():
                task.exception()  # looked at, so that the loop does not complain that nobody did
