"""Commands as Dramatiq messages."""

from typing import Any
from uuid import uuid4

import dramatiq
import msgspec
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from dramatiq_nats import WorkMessage, encode_work
from shared.contracts.base import Command
from shared.contracts.errors import unavailable
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import broker_namespace
from shared.messaging.spans import create_span, send_span
from shared.messaging.tasks import mark_enqueued
from shared.telemetry import inject_headers

LARGEST_PAYLOAD = 960 * 1024
"""Bytes; NATS refuses more than 1 MiB, headers included."""

_PUBLISH_TIMEOUT = 5.0


def encode_command(command: Command, *, task_id: str | None = None, tracked: bool = False) -> WorkMessage:
    """Make the message that has a command's actor run, with the present trace context in its headers.

    Args:
        command: What to do.
        task_id: The message's id; a new one when None.
        tracked: Whether the task's state and result are kept for `GET /tasks/{id}`.

    Raises:
        ValueError: When it is too large to be sent.
    """
    task_id = task_id or str(uuid4())
    with create_span(command.queue_name, task_id, command.actor_name):
        return _encode(command, task_id, tracked=tracked)


def _encode(command: Command, task_id: str, *, tracked: bool) -> WorkMessage:
    options: dict[str, Any] = {"tracked": True} if tracked else {}
    headers = inject_headers()
    if headers:
        options["headers"] = headers
    message: dramatiq.Message[Any] = dramatiq.Message(
        queue_name=command.queue_name,
        actor_name=command.actor_name,
        args=(),
        kwargs=msgspec.to_builtins(command),
        options=options,
        message_id=task_id,
    )
    work = encode_work(message, broker_namespace(bound_namespace()))
    if len(work.payload) > LARGEST_PAYLOAD:
        raise ValueError(f"command {command.actor_name} of {len(work.payload)} bytes is too large to be sent")
    return work


async def publish_command(command: Command, *, task_id: str | None = None, tracked: bool = False) -> str:
    """Publish a command at once, for a sender that has nothing to commit; returns after the server kept it.

    Returns:
        The task's id.

    Raises:
        QueryError: `unavailable`, when the server cannot be reached or did not confirm in time.
        ValueError: When the command is too large to be sent.
    """
    task_id = task_id or str(uuid4())
    with send_span(command.queue_name, task_id, command.actor_name):
        work = _encode(command, task_id, tracked=tracked)
        js = (await connection()).jetstream()
        if tracked:
            await mark_enqueued(task_id, actor=command.actor_name, queue=command.queue_name)
        try:
            headers = {**work.headers, "Nats-Msg-Id": str(uuid4())}
            await js.publish(work.subject, work.payload, timeout=_PUBLISH_TIMEOUT, headers=headers)
        except (NatsError, JetStreamError, OSError, TimeoutError) as error:
            message = f"The message server did not take the command ({error!r}); try again."
            raise unavailable(message) from error
    return task_id
