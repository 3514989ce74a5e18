"""Records of dead letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import field

from tasktracker.record import Record


class LetterDetails(Record, frozen=True, kw_only=True):
    """One task that was given up, with all that is known of it.

    Attributes:
        sequence: Its number, which names it in every call.
        queue: The queue it was taken from.
        actor: The actor's name; empty when the message could not be read.
        task_id: The task's id; empty when the message could not be read.
        reason: `failed` used up its tries or could not be tried again, `poison` killed its worker each
            time, `undecodable` is no message, `actor-not-found` is for an actor that no worker has.
        exception: The exception's class with its module; empty when there was none.
        error: The exception's text, at most 1 KiB.
        attempts: How often it was tried.
        first_at: When it was enqueued first.
        last_at: When it was given up.
        run_id: The chain that it belongs to; null when it belongs to none.
        trace_url: Where the chain's trace is shown; null when the gateway does not know, or there is none.
        arguments: What it was to do; null when the message could not be read.
        options: What else the message carried, as Dramatiq has it.
        payload: The message as it is, when it could not be read, at most 16 KiB; else null.
        traceback: Where it failed, the last 16 KiB.
        traceparent: The span that sent it, as W3C writes it; null when there is none.
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
    arguments: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    payload: str | None = None
    traceback: str = ""
    traceparent: str | None = None


class LetterRecord(Record, frozen=True, kw_only=True):
    """One task that was given up.

    Attributes:
        sequence: Its number, which names it in every call.
        queue: The queue it was taken from.
        actor: The actor's name; empty when the message could not be read.
        task_id: The task's id; empty when the message could not be read.
        reason: `failed` used up its tries or could not be tried again, `poison` killed its worker each
            time, `undecodable` is no message, `actor-not-found` is for an actor that no worker has.
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


class LetterItems(Record, frozen=True, kw_only=True):
    """Dead letters, newest first; a page may be short, or empty, and still have a next one."""

    items: list[LetterRecord]
    next_cursor: str | None = None


class ManyDone(Record, frozen=True, kw_only=True):
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
