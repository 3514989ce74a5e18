"""The relay: publishes a schema's outbox to JetStream in id order, and marks rows sent once confirmed.

One relay a schema is active at a time, by a session-level advisory lock, so that order holds with many
replicas; the lock falls with its connection, and another replica takes over within half a second. A row may
be published twice around a crash: it carries the same `Nats-Msg-Id`, and what receives it is idempotent.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from loguru import logger
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.errors import QueryError
from shared.database.engine import engine
from shared.messaging import outbox
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import wake_subject

BATCH = 500
_LOOK_EVERY = 1.0
_CONFIRM_TIMEOUT = 10.0
_PURGE_EVERY = 60.0
_PURGE_AT_ONCE = 5000
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_TURN_EVERY = 0.5

KEPT = timedelta(days=1)
"""How long sent rows stay, so that they can be replayed."""

_LOCK = text("SELECT pg_try_advisory_lock(hashtext(:name))")
_SENT = Counter("tt_outbox_sent_total", "Rows of the outbox that the server confirmed.", ["schema"])
_LOST = (OSError, TimeoutError, NatsError, JetStreamError, SQLAlchemyError, DBAPIError, QueryError)


class Relay:
    """Sends a schema's outbox until it is cancelled, whatever dies around it."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._woken = asyncio.Event()
        self.is_active = False

    async def run(self) -> None:
        """Wait for the lock and send; begin again, with a pause, when a server goes away."""
        pause = _SHORTEST_PAUSE
        while True:
            try:
                await self._lead()
            except _LOST as error:
                if self.is_active:
                    pause = _SHORTEST_PAUSE
                logger.warning("relay of {} pauses {:.1f} s: {!r}", self._schema, pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                self.is_active = False

    async def _lead(self) -> None:
        client = await connection()
        await ensure_event_stream()
        subscription = await client.subscribe(wake_subject(bound_namespace(), self._schema), cb=self._wake)
        try:
            async with engine().connect() as database:
                await database.execution_options(isolation_level="AUTOCOMMIT")
                try:
                    await self._lock(database)
                    self.is_active = True
                    await self._work(client, database)
                finally:
                    await database.invalidate()  # the lock is its session's: it must not lie in the pool
        finally:
            if not client.is_closed:
                await subscription.unsubscribe()

    async def _lock(self, database: AsyncConnection) -> None:
        """Wait for the lock for as long as another replica has it.

        By asking again and again: a session that waits within a statement keeps a snapshot, for which a
        migration's `CREATE INDEX CONCURRENTLY` would wait, and the vacuum of every table.
        """
        while True:
            if await database.scalar(_LOCK, {"name": f"outbox {self._schema}"}):
                return
            await asyncio.sleep(_TURN_EVERY)

    async def _wake(self, _message: object) -> None:
        self._woken.set()

    async def _work(self, client: Client, database: AsyncConnection) -> None:
        purging = asyncio.create_task(self._purge_for_ever())
        try:
            await self._send_for_ever(client, database)
        finally:
            purging.cancel()

    async def _send_for_ever(self, client: Client, database: AsyncConnection) -> None:
        js = client.jetstream()
        while True:
            self._woken.clear()
            rows = await outbox.unsent(database, BATCH)
            if rows:
                await publish_in_order(js, self._schema, rows)
                await outbox.mark_sent(database, [row.id for row in rows])
                _SENT.labels(self._schema).inc(len(rows))
            if len(rows) < BATCH:
                await self._wait()

    async def _wait(self) -> None:
        # Not by `asyncio.wait_for`: before Python 3.12 that swallows one that comes as it is woken.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY):
                await self._woken.wait()

    async def _purge_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_PURGE_EVERY)
            try:
                await self._purge(datetime.now(UTC) - KEPT)
            except _LOST as error:
                logger.warning("what {} has sent is not purged now: {!r}", self._schema, error)
            except Exception:  # noqa: BLE001 - nobody waits for this, and what was sent would pile up
                logger.exception("what {} has sent is not purged now", self._schema)

    @staticmethod
    async def _purge(before: datetime) -> None:
        while True:
            async with engine().begin() as database:
                deleted = await outbox.purge(database, before, _PURGE_AT_ONCE)
            if deleted < _PURGE_AT_ONCE:
                return


async def publish_in_order(js: JetStreamContext, schema: str, rows: list[outbox.OutboxRow]) -> None:
    """Publish rows one after the other without waiting between, then wait until all are confirmed.

    Raises:
        TimeoutError: When the server did not confirm all in time; some may have been kept.
        nats.errors.Error: When it refused or cannot be reached.
    """
    confirmations = [
        await js.publish_async(
            row.subject,
            row.payload,
            wait_stall=_CONFIRM_TIMEOUT,
            headers={**row.headers, "Nats-Msg-Id": f"{schema}:{row.id}"},
        )
        for row in rows
    ]
    async with asyncio.timeout(_CONFIRM_TIMEOUT):
        await asyncio.gather(*confirmations)
