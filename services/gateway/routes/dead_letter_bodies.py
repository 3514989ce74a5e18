"""Dead letters as the API shows them, and which are meant by a filter."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from dramatiq.errors import DecodeError
from msgspec import Meta

from dramatiq_nats import DeadLetter
from services.gateway.routes.parameters import in_utc
from shared.contracts.tasks import DeadLetterFilter
from shared.telemetry import run_id_in

_LONGEST_PAYLOAD = 16 * 1024

Reason = Annotated[str, Meta(max_length=50, examples=["failed"])]


class LetterRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One task that was given up.

    Attributes:
        sequence: Its number, which names it in every call.
        queue: The queue it was taken from.
        actor: The actor's name; empty when the message could not be read.
        task_id: The task's id; empty when the message could not be read.
        reason: `failed` used up its tries or could not be tried again, `poison` killed its worker each time,
            `undecodable` is no message, `actor-not-found` is for an actor that no worker has.
        exception: The exception's class with its module; empty when there was none.
        error: The exception's text, at most 1 KiB.
        attempts: How often it was tried.
        first_at: When it was enqueued first.
        last_at: When it was given up.
        run_id: The chain that it belongs to; null when it belongs to none.
        trace_url: Where the chain's trace is shown; null when the gateway does not know, or there is none.
    """

    sequence: int
    queue: str
    actor: str
    task_id: str
    reason: str
    exception: str
    error: str
    attempts: int
    first_at: datetime
    last_at: datetime
    run_id: UUID | None = None
    trace_url: str | None = None


class LetterDetails(LetterRecord, frozen=True, kw_only=True):
    """One task that was given up, with all that is known of it.

    Attributes:
        arguments: What it was to do; null when the message could not be read.
        options: What else the message carried, as Dramatiq has it.
        payload: The message as it is, when it could not be read, at most 16 KiB; else null.
        traceback: Where it failed, the last 16 KiB.
        traceparent: The span that sent it, as W3C writes it; null when there is none.
    """

    arguments: dict[str, Any] | None = None
    options: dict[str, Any] = {}
    payload: str | None = None
    traceback: str = ""
    traceparent: str | None = None


class LetterItems(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters, newest first; a page may be short, or empty, and still have a next one."""

    items: list[LetterRecord]
    next_cursor: str | None = None


class WhichLetters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters are meant: those that fit every field that is given.

    Attributes:
        all: Must be true to mean all of them, when nothing else is given.
        queue: Taken from this queue.
        actor: Of this actor.
        reason: `failed`, `poison`, `undecodable` or `actor-not-found`.
        exception: The exception's class, with or without its module.
        text: Stands somewhere in the error's text, in capitals or not.
        since: Given up at or after this time; UTC when it has no zone.
        up_to: Only numbers up to this one: the `up_to` of the first answer, to go on with what is left.
        after: Only numbers behind this one: the `after` of the answer before, to go on behind it.
    """

    all: bool = False
    queue: Annotated[str, Meta(max_length=100, examples=["knowledge"])] | None = None
    actor: Annotated[str, Meta(max_length=200)] | None = None
    reason: Reason | None = None
    exception: Annotated[str, Meta(max_length=300, examples=["RateLimitError"])] | None = None
    text: Annotated[str, Meta(max_length=200)] | None = None
    since: datetime | None = None
    up_to: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0

    @property
    def wanted(self) -> DeadLetterFilter:
        """The filter itself."""
        return DeadLetterFilter(
            queue=self.queue,
            actor=self.actor,
            reason=self.reason,
            exception=self.exception,
            text=self.text,
            since=in_utc(self.since),
        )


class ManyDone(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to dead letters that fit a filter.

    Attributes:
        count: To how many it was done by this request, 200 at the most.
        left: How many more fit, of those that were looked at.
        is_complete: Whether nothing is left to be done: else ask again, with `up_to` and `after`.
        up_to: The newest number that there was, to be sent when asking again.
        after: All up to this number were dealt with, to be sent when asking again.
        run_id: The chain of this request.
    """

    count: int
    left: int
    is_complete: bool
    up_to: int
    after: int
    run_id: UUID


def letter_record(letter: DeadLetter, traces_url: str | None) -> LetterRecord:
    """A letter as the list shows it."""
    return LetterRecord(**_common(letter, traces_url))


def letter_details(letter: DeadLetter, traces_url: str | None) -> LetterDetails:
    """A letter with its arguments and traceback."""
    common = _common(letter, traces_url)
    traceparent = letter.headers.get("traceparent")
    try:
        message = letter.decode()
    except DecodeError:
        text = letter.payload[:_LONGEST_PAYLOAD].decode("utf-8", "backslashreplace")
        return LetterDetails(payload=text, traceback=letter.traceback, traceparent=traceparent, **common)
    # Arguments by place are those of a message that was made by hand: commands go by name.
    arguments = {str(place): value for place, value in enumerate(message.args)} | dict(message.kwargs)
    options = {name: value for name, value in message.options.items() if name not in {"traceback", "headers"}}
    return LetterDetails(
        arguments=arguments,
        options=options,
        traceback=letter.traceback,
        traceparent=traceparent,
        **common,
    )


def _common(letter: DeadLetter, traces_url: str | None) -> dict[str, Any]:
    run_id = run_id_in(letter.headers)
    return {
        "sequence": letter.sequence,
        "queue": letter.queue,
        "actor": letter.actor,
        "task_id": letter.message_id,
        "reason": letter.reason,
        "exception": letter.exception_type,
        "error": letter.exception,
        "attempts": letter.attempts,
        "first_at": letter.first_at,
        "last_at": letter.last_at,
        "run_id": run_id,
        "trace_url": f"{traces_url}/trace/{run_id.hex}" if traces_url and run_id else None,
    }
