"""Vitals of a process: how late its event loop is, and how many of its database connections work."""

import asyncio
from typing import Final, Literal

from shared.database.engine import connections_in_use
from shared.service.metrics import CONNECTIONS_IN_USE, CONNECTIONS_LIMIT, LOOP_LAG

EVERY: Final = 1.0

Process = Literal["worker", "plane", "gateway"]


async def watch_vitals(process: Process, pool_size: int) -> None:
    """Measure once a second until cancelled, on the event loop that is to be measured.

    Args:
        process: What the process is in its container.
        pool_size: Database connections that it may have.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY
        await asyncio.sleep(EVERY)
        LOOP_LAG.labels(process).observe(max(0.0, loop.time() - due))
        CONNECTIONS_LIMIT.labels(process).set(pool_size)
        CONNECTIONS_IN_USE.labels(process).set(connections_in_use())
