"""Loops: work that a service does all the time, in one replica of it, beside its queues."""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from shared.messaging.relay import Relay
from shared.service.enduring import end_all

Loop = Callable[[], Awaitable[None]]

_LOOK_EVERY = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


async def run_alone(loop: Loop, relay: Relay) -> None:
    """Run a loop whenever this replica's relay is the active one, so once for the whole fleet.

    When a replica loses its database without noticing, another one may begin while the loop still runs here
    for a moment: what it does must be harmless twice. A loop that fails is begun anew, with growing pauses.

    Args:
        loop: Runs for ever.
        relay: This replica's.
    """
    pause = _FIRST_PAUSE
    while True:
        if relay.is_active:
            error = await _run_while_active(loop, relay)
            if error is None:
                pause = _FIRST_PAUSE
            else:
                logger.warning("{} begins anew in {:.0f} s: {!r}", loop_name(loop), pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(_LOOK_EVERY)


async def _run_while_active(loop: Loop, relay: Relay) -> BaseException | None:
    """Returns why the loop failed; None when the relay is no longer active."""
    running = asyncio.ensure_future(loop())
    try:
        while relay.is_active:
            if (await asyncio.wait([running], timeout=_LOOK_EVERY))[0]:
                return running.exception()
    finally:
        await end_all([running])
    return None


def loop_name(loop: Loop) -> str:
    """What a loop is called in the log."""
    return getattr(loop, "__name__", "a loop")
