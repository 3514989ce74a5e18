"""The account's turn: one client uses a session at a time, in the whole fleet.

Telegram ends a session that comes from two addresses at once (`AUTH_KEY_DUPLICATED`). The turn is an advisory
lock of Postgres, which falls with its connection: when a worker is killed, and also when the connection alone
breaks. So whoever holds it looks every second whether it still does, and stops when it does not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from loguru import logger

from services.ingestion.repository.turns import holder_of
from shared.llm.locks import LockedError, locks
from shared.messaging.transaction import transaction

_LOCK: Final = 0x7474_6163_636F_756E
_LOOK_EVERY = 1.0
_LOOK_PATIENCE = 10.0


class AccountBusyError(Exception):
    """A job, or another question, uses the account."""


class TurnLostError(AccountBusyError):
    """The connection that held the turn broke, so that somebody else may have it by now."""


@asynccontextmanager
async def account_turn(wait: float) -> AsyncIterator[None]:
    """Hold the account's turn.

    Raises:
        AccountBusyError: When somebody else holds it, and did not let go within so many seconds.
        TurnLostError: When it was lost; what was done within has been cancelled.
    """
    try:
        async with locks().hold(_LOCK, wait=wait), _watched():
            yield
    except LockedError as error:
        raise AccountBusyError("A job is using the Telegram account.") from error


@asynccontextmanager
async def _watched() -> AsyncIterator[None]:
    """Cancel what is done within once the turn is lost."""
    limit = asyncio.timeout(None)
    watcher: asyncio.Task[None] | None = None
    try:
        async with limit:
            watcher = asyncio.create_task(_watch(await _holder(), limit))
            yield
    except TimeoutError as error:
        if limit.expired():
            raise TurnLostError("The turn on the Telegram account was lost with the database.") from error
        raise
    finally:
        if watcher is not None:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)


async def _watch(ours: int | None, limit: asyncio.Timeout) -> None:
    """Look until somebody else holds the turn, or nobody."""
    try:
        while ours is not None:
            await asyncio.sleep(_LOOK_EVERY)
            if await _holder() != ours:
                break
    except Exception as error:  # noqa: BLE001 - whoever cannot look has to believe that it is lost
        logger.warning("the account's turn cannot be looked at: {!r}", error)
    limit.reschedule(asyncio.get_running_loop().time())


async def _holder() -> int | None:
    """Which of Postgres's processes holds the turn."""
    async with asyncio.timeout(_LOOK_PATIENCE), transaction() as tx:
        return await holder_of(tx, _LOCK)
