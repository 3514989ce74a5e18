"""The transaction: a state change and everything that follows from it commit together, or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import msgspec
from loguru import logger
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.base import Command, Event
from shared.contracts.errors import QueryError
from shared.database.engine import bound_schema, engine
from shared.messaging import outbox
from shared.messaging.commands import LARGEST_PAYLOAD, encode_command
from shared.messaging.connection import bound_namespace, open_connection
from shared.messaging.names import event_subject, wake_subject
from shared.messaging.spans import create_span, transaction_span
from shared.messaging.statements import Tally
from shared.messaging.tasks import mark_enqueued
from shared.telemetry import inject_headers

_ENCODE = msgspec.json.Encoder()


class Transaction:
    """One database transaction, and what is to be said once it commits.

    Attributes:
        connection: The connection in whose transaction every statement runs.
        tally: What its statements do, where a span tells of it.
    """

    def __init__(self, connection: AsyncConnection, tally: Tally | None = None) -> None:
        self.connection = connection
        self.tally = tally
        self._says: list[outbox.NewRow] = []
        self._tracked: list[tuple[str, Command]] = []

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement."""
        return await self.connection.execute(statement, parameters)

    def send(self, command: Command, *, task_id: str | None = None, tracked: bool = False) -> str:
        """Send a command when this commits.

        Args:
            command: What to do.
            task_id: The task's id; a new one when None.
            tracked: Whether the task's state and result are kept for `GET /tasks/{id}`.

        Returns:
            The task's id.

        Raises:
            ValueError: When the command is too large to be sent.
        """
        task_id = task_id or str(uuid4())
        work = encode_command(command, task_id=task_id, tracked=tracked)
        self._says.append(outbox.NewRow(work.subject, work.payload, work.headers))
        if tracked:
            self._tracked.append((task_id, command))
        return task_id

    def publish(self, event: Event) -> None:
        """Publish an event when this commits.

        Raises:
            ValueError: When the event is too large to be sent.
        """
        payload = _ENCODE.encode(event)
        if len(payload) > LARGEST_PAYLOAD:
            raise ValueError(f"event {event.event_name} of {len(payload)} bytes is too large to be sent")
        with create_span(event.event_name):
            headers = inject_headers()
        subject = event_subject(bound_namespace(), event.event_name)
        self._says.append(outbox.NewRow(subject, payload, headers))

    async def keep_outbox(self) -> bool:
        """Insert what is to be said; returns whether there was anything."""
        if not self._says:
            return False
        await outbox.keep(self.connection, self._says)
        self._says.clear()
        return True

    async def note_tracked(self) -> None:
        """Once it is committed, let tracked tasks be found; one that a worker has begun stays as it is."""
        for task_id, command in self._tracked:
            try:
                await mark_enqueued(task_id, actor=command.actor_name, queue=command.queue_name)
            except (NatsError, JetStreamError, QueryError, OSError, TimeoutError) as error:
                logger.debug("task {} is not shown until it begins: {!r}", task_id, error)
        self._tracked.clear()


@asynccontextmanager
async def transaction(*, counted: bool = False) -> AsyncIterator[Transaction]:
    """Begin a transaction on the service's schema; commits at the end, rolls back on any exception.

    Args:
        counted: Whether its statements are counted also where no span of its own tells of them.
    """
    schema, tally = bound_schema(), Tally()
    with transaction_span(schema, lambda: tally.place_in(schema)) as span:
        is_counted = counted or span.is_recording()
        async with engine().begin() as connection:
            tx = Transaction(connection, tally if is_counted else None)
            if is_counted:
                tally.follow(connection)
            try:
                yield tx
                said = await tx.keep_outbox()
            finally:
                if span.is_recording():
                    tally.put_on(span)
    if said:
        await wake_relay()
        await tx.note_tracked()


async def wake_relay() -> None:
    """Tell the schema's relay that there is something to send; it looks by itself too, if later."""
    client = open_connection()
    if client is None:
        return
    try:
        await client.publish(wake_subject(bound_namespace(), bound_schema()))
    except NatsError as error:
        logger.debug("could not wake the relay: {!r}", error)
