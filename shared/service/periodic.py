"""Periodic commands: sent by whichever replica's relay is active, so once for the whole fleet."""

import asyncio
import time

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from shared.messaging.relay import Relay
from shared.messaging.transaction import transaction
from shared.service.service import Periodic
from shared.telemetry import start_run

_LOOK_EVERY = 1.0


async def send_periodically(periodic: list[Periodic], relay: Relay) -> None:
    """Send each command when this replica becomes the active one, and then at its interval."""
    due = dict.fromkeys(range(len(periodic)), 0.0)
    while periodic:
        for index, entry in enumerate(periodic):
            if relay.is_active and time.monotonic() >= due[index]:
                await _send(entry)
                due[index] = time.monotonic() + entry.every
        await asyncio.sleep(_LOOK_EVERY)


async def _send(entry: Periodic) -> None:
    command = entry.command()
    try:
        with start_run(f"every {entry.every:g} s: {command.actor_name}"):
            async with transaction() as tx:
                tx.send(command)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        logger.warning("{} could not be sent now: {!r}", command.actor_name, error)
