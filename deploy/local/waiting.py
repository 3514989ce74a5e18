"""Waiting for what another process does: nobody tells, so one looks."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float, every: float = 0.05) -> bool:
    """Look at a condition every so many seconds; False when it did not come to hold in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every)
    return True
