"""Telling of dead letters: each one that a service's queue leaves becomes the event `task.dead_lettered`.

What is followed is the stream of dead letters itself, by a durable consumer that the replicas share: it keeps
its place while Postgres or every replica is away, and it sees also those letters that no running code could
have told of, as of a message that kills its worker or cannot be read. A letter is told of at least once; one
that was requeued or deleted before its turn is not.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dramatiq.errors import DecodeError
from loguru import logger
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue
from sqlalchemy.exc import SQLAlchemyError

from dramatiq_nats import (
    DeadLetter,
    Reason,
    consumer_name,
    dead_letter_stream,
    dead_letter_subject,
    get_dead_letter,
)
from shared.contracts.errors import QueryError
from shared.contracts.tasks import TaskDeadLettered
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import broker_namespace
from shared.messaging.spans import messaging_attributes
from shared.messaging.tasks import note_dead
from shared.messaging.transaction import transaction
from shared.service.metrics import DEAD_LETTERS
from shared.telemetry import begun, kept, resume_run, run_id_in

_FAILURES = (OSError, TimeoutError, NatsError, JetStreamError, SQLAlchemyError, QueryError)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_WAIT = 20.0
_ACK_WAIT = 30.0
_LONGEST_ERROR = 300


async def tell_of_dead_letters(queue: str) -> None:
    """Tell of a queue's dead letters until cancelled, whatever is away.

    Args:
        queue: The service's queue.
    """
    for reason in Reason:
        # From 0 on, so that the first one is an increase.
        DEAD_LETTERS.labels(queue, reason.value).inc(0)
    pause = _SHORTEST_PAUSE
    while True:
        try:
            js = (await connection()).jetstream()
            await _follow(js, queue)
        except _FAILURES as error:
            logger.debug("dead letters of {} cannot be told of now: {!r}", queue, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            pause = _SHORTEST_PAUSE


async def _follow(js: JetStreamContext, queue: str) -> None:
    """Tell of the next dead letter, or return when there was none for a while."""
    namespace = broker_namespace(bound_namespace())
    stream, durable = dead_letter_stream(namespace), f"events-{consumer_name(queue)}"
    await js.add_consumer(
        stream,
        api.ConsumerConfig(
            durable_name=durable,
            description="Tells of dead letters as events",
            filter_subject=dead_letter_subject(namespace, queue),
            deliver_policy=api.DeliverPolicy.ALL,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=_ACK_WAIT,
            max_ack_pending=1,
        ),
    )
    subscription = await js.pull_subscribe_bind(durable, stream)
    try:
        while True:
            try:
                (message,) = await subscription.fetch(1, timeout=_WAIT)
            except (NatsTimeoutError, TimeoutError):
                return
            await _tell(js, message)
    finally:
        with suppress(NatsError):
            await subscription.unsubscribe()


async def _tell(js: JetStreamContext, message: Msg) -> None:
    sequence = message.metadata.sequence.stream
    try:
        letter = await get_dead_letter(js, broker_namespace(bound_namespace()), sequence)
    except NotFoundError:
        await message.ack()
        return
    try:
        await _note(letter)
        with resume_run(letter.headers) as received, _span(letter, received):
            async with transaction() as tx:
                tx.publish(_event(letter))
            _warn(letter)
    except BaseException:
        # For whoever is there first: this replica a moment later, or another.
        with suppress(NatsError):
            await message.nak()
        raise
    DEAD_LETTERS.labels(letter.queue, letter.reason).inc()
    await message.ack()


@contextmanager
def _span(letter: DeadLetter, received: Context) -> Iterator[None]:
    """The giving up, in the chain of what was given up; from here on it is kept."""
    attributes: dict[str, AttributeValue] = {
        **messaging_attributes("settle", letter.queue, letter.message_id, letter.actor),
        "tt.dead_letter": True,
        "tt.dead_letter.reason": letter.reason,
        "tt.dead_letter.sequence": letter.sequence,
        "tt.attempt": letter.attempts,
        "error.type": letter.exception_type or letter.reason,
    }
    name = f"dead letter {letter.actor}"
    with begun(name, SpanKind.CLIENT, attributes, parent=kept(received)) as span:
        kind = letter.exception_type.rpartition(".")[2] or letter.reason
        span.set_status(Status(StatusCode.ERROR, f"given up after {letter.attempts} attempts: {kind}"))
        yield


def _warn(letter: DeadLetter) -> None:
    """Say it in the log, with what finds the letter, the task and the chain."""
    logger.bind(
        actor=letter.actor,
        attempt=letter.attempts,
        task_id=letter.message_id,
        queue=letter.queue,
        reason=letter.reason,
        sequence=letter.sequence,
    ).warning(
        "{} is dead letter {} of {} after {} attempts ({}){}",
        letter.actor or "a message",
        letter.sequence,
        letter.queue,
        letter.attempts,
        letter.reason,
        f": {error}" if (error := _error(letter)) else "",
    )


async def _note(letter: DeadLetter) -> None:
    """Keep `dead` as the state of a task that somebody watches: its worker may not have come to it."""
    try:
        tracked = bool(letter.decode().options.get("tracked"))
    except DecodeError:
        return
    if tracked:
        await note_dead(
            letter.message_id,
            actor=letter.actor,
            queue=letter.queue,
            attempts=letter.attempts,
            error=_error(letter) or letter.reason,
        )


def _event(letter: DeadLetter) -> TaskDeadLettered:
    return TaskDeadLettered(
        sequence=letter.sequence,
        queue=letter.queue,
        actor=letter.actor,
        task_id=letter.message_id,
        run_id=run_id_in(letter.headers),
        reason=letter.reason,
        error=_error(letter),
        attempts=letter.attempts,
    )


def _error(letter: DeadLetter) -> str:
    """The exception in one line, its class without its module."""
    kind = letter.exception_type.rpartition(".")[2]
    # Postgres adds the row that it refused, SQLAlchemy the statement's parameters: what people wrote.
    text = " ".join(letter.exception.partition("[SQL:")[0].partition("\nDETAIL:")[0].split())
    return (f"{kind}: {text}" if kind and text else kind or text)[:_LONGEST_ERROR]
