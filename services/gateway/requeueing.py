"""Sending dead letters to their queues again, and saying so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dramatiq.errors import DecodeError
from litestar import Request
from nats.js import JetStreamContext
from opentelemetry.trace import Link, SpanKind, get_current_span

from dramatiq_nats import DeadLetter, requeue_dead_letter
from services.gateway.auth import DATABASE_ERRORS
from services.gateway.message_server import queues_namespace
from shared.contracts.errors import unavailable
from shared.contracts.tasks import MOST_NAMED, DeadLetterFilter, TaskRequeued
from shared.messaging.spans import messaging_attributes
from shared.messaging.tasks import noted_as_requeued
from shared.messaging.transaction import transaction
from shared.telemetry import begun, inject_headers, is_within_chain, kept, resume_run


async def requeue(js: JetStreamContext, letter: DeadLetter) -> None:
    """Send a letter's message to its queue again, in its own chain; who watches the task sees it wait.

    Raises:
        nats.js.errors.NotFoundError: When it is gone.
    """
    with _in_its_chain(letter) as trace:
        if not is_tracked(letter):
            await requeue_dead_letter(js, queues_namespace(), letter.sequence, trace=trace)
            return
        # Noted first: the worker may be quicker than whoever notes it afterwards.
        async with noted_as_requeued(letter.message_id, actor=letter.actor, queue=letter.queue):
            await requeue_dead_letter(js, queues_namespace(), letter.sequence, trace=trace)


@contextmanager
def _in_its_chain(letter: DeadLetter) -> Iterator[dict[str, str]]:
    """The requeueing as a part of the chain that goes on; yields the headers by which it does."""
    request = get_current_span().get_span_context()
    attributes = messaging_attributes("send", letter.queue, letter.message_id, letter.actor)
    attributes["tt.dead_letter.sequence"] = letter.sequence
    links = [Link(request)] if request.is_valid else []
    with resume_run(letter.headers) as received:
        if not is_within_chain():
            yield {}
            return
        name = f"requeue {letter.actor}"
        with begun(name, SpanKind.PRODUCER, attributes, parent=kept(received), links=links):
            yield inject_headers()


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
