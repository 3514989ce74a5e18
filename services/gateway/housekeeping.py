"""What the gateway does on a clock: forget what is old, and keep what it noted on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from litestar.datastructures import State
from loguru import logger
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway import repository
from services.gateway.audit_records import Entry
from services.gateway.changes import hear_changes
from services.gateway.door import Door
from services.gateway.keyring import DATABASE_ERRORS, KeyRing
from services.gateway.store_figures import watch_stores
from services.gateway.stores import audit as audit_store
from services.gateway.stores import sessions as session_store
from shared.messaging.outbox_figures import watch_outbox
from shared.messaging.relay import Relay
from shared.messaging.transaction import transaction
from shared.service.vitals import watch_vitals

NOTED_EVERY: Final = 60.0
PURGE_EVERY: Final = 600.0
_PURGE_AT_ONCE: Final = 5000


def chores(state: State) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests for as long as the application does.

    Args:
        state: Of the application, with its settings, key ring, door and audit log.
    """
    ring: KeyRing = state.key_ring
    door: Door = state.door
    counters = (door.keys.counters, door.addresses.counters, door.lockout.counters)
    return [
        hear_changes(ring.forget),
        # What the gateway itself has to say, as that tasks were requeued; of several replicas one sends it.
        Relay("gateway").run(),
        state.audit_log.run(),
        keep_noted(ring, door),
        forget_old(timedelta(days=state.settings.audit_days)),
        *(one.run() for one in counters),
        watch_outbox("gateway"),
        watch_stores(state.settings),
        watch_vitals("gateway", state.settings.pool_size),
    ]


async def keep_noted(ring: KeyRing, door: Door) -> None:
    """Keep when keys were used, and write wrong keys to the audit log, each minute; at the end once more."""
    try:
        while True:
            await asyncio.sleep(NOTED_EVERY)
            await keep_once(ring, door)
    finally:
        await keep_once(ring, door)


async def keep_once(ring: KeyRing, door: Door) -> None:
    """Keep what was noted since the last time."""
    door.lockout.tidy()
    await ring.keep_used()
    guesses, door.guesses = door.guesses, {}
    if not guesses:
        return
    entries = [
        Entry(kind="guesses", address=address, attempts=attempts) for address, attempts in guesses.items()
    ]
    try:
        async with transaction() as tx:
            await audit_store.add_entries(tx.connection, entries)
    except DATABASE_ERRORS as error:
        logger.warning("wrong keys from {} addresses are not in the audit log: {!r}", len(guesses), error)


async def forget_old(audit_kept: timedelta) -> None:
    """Delete answers, sessions and entries of the audit log past their time, for ever, busy or not."""

    async def entries(connection: AsyncConnection, most: int) -> int:
        return await audit_store.forget_entries(connection, older=audit_kept, most=most)

    while True:
        await asyncio.sleep(PURGE_EVERY)
        try:
            for forget in (repository.forget_old_requests, session_store.forget_sessions, entries):
                await _forget_all(forget)
        except DATABASE_ERRORS as error:
            logger.warning("nothing old is purged while the database does not answer: {!r}", error)


async def _forget_all(forget: Callable[[AsyncConnection, int], Awaitable[int]]) -> None:
    gone = _PURGE_AT_ONCE
    while gone == _PURGE_AT_ONCE:
        async with transaction() as tx:
            gone = await forget(tx.connection, _PURGE_AT_ONCE)
