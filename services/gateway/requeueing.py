"""Sending dead letters to their queues again, and saying so."""

from typing import Any

from dramatiq.errors import DecodeError
from litestar import Request
from nats.js import JetStreamContext

from dramatiq_nats import DeadLetter, requeue_dead_letter
from services.gateway.auth import DATABASE_ERRORS
from services.gateway.message_server import queues_namespace
from shared.contracts.errors import unavailable
from shared.contracts.tasks import MOST_NAMED, DeadLetterFilter, TaskRequeued
from shared.messaging.tasks import noted_as_requeued
from shared.messaging.transaction import transaction


async def requeue(js: JetStreamContext, letter: DeadLetter) -> None:
    """Send a letter's message to its queue again, in its own chain; who watches the task sees it wait.

    Raises:
        nats.js.errors.NotFoundError: When it is gone.
    """
    if not is_tracked(letter):
        await requeue_dead_letter(js, queues_namespace(), letter.sequence)
        return
    # Noted first: the worker may be quicker than whoever notes it afterwards.
    async with noted_as_requeued(letter.message_id, actor=letter.actor, queue=letter.queue):
        await requeue_dead_letter(js, queues_namespace(), letter.sequence)


async def say_requeued(letters: list[DeadLetter], by: str, wanted: DeadLetterFilter | None) -> None:
    """Publish that letters were requeued, by the outbox; nothing when there were none.

    Raises:
        QueryError: `unavailable`, when the database does not answer: they were requeued all the same.
    """
    if not letters:
        return
    numbers = [letter.sequence for letter in letters[:MOST_NAMED]]
    event = TaskRequeued(count=len(letters), sequences=numbers, by=by[:200], filter=wanted)
    try:
        async with transaction() as tx:
            tx.publish(event)
    except DATABASE_ERRORS as error:
        raise unavailable(
            f"{len(letters)} dead letters were requeued; the database does not answer, so nobody was told."
        ) from error


def spans_of(letters: list[DeadLetter]) -> list[str]:
    """The `traceparent` of what sent each letter's message, where there is one."""
    return [letter.headers["traceparent"] for letter in letters if "traceparent" in letter.headers]


def route_name(request: Request[Any, Any, Any]) -> str:
    """What a request's chain is called."""
    return f"{request.method} {request.scope['path_template']}"


def is_tracked(letter: DeadLetter) -> bool:
    """Whether somebody watches the task that a letter was."""
    try:
        return bool(letter.decode().options.get("tracked"))
    except DecodeError:
        return False
