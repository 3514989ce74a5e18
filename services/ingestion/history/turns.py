"""The account's turn: one client uses a session at a time, in the whole fleet.

Telegram ends a session that comes from two addresses at once (`AUTH_KEY_DUPLICATED`). The turn is an advisory
lock of Postgres, which falls with its connection when a worker is killed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shared.llm.locks import LockedError, locks

_LOCK: Final = 0x7474_6163_636F_756E


class AccountBusyError(Exception):
    """A job, or another question, uses the account."""


@asynccontextmanager
async def account_turn(wait: float) -> AsyncIterator[None]:
    """Hold the account's turn.

    Raises:
        AccountBusyError: When somebody else holds it, and did not let go within so many seconds.
    """
    try:
        async with locks().hold(_LOCK, wait=wait):
            yield
    except LockedError as error:
        raise AccountBusyError("A job is using the Telegram account.") from error
