"""What happens to background tasks as such, whatever they do: contracts that every service may speak."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Event

MOST_NAMED = 100
"""Dead letters that one event names at the most; its count says how many there were."""


class DeadLetterFilter(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Which dead letters are meant: those that fit every field that is given; all without any.

    Attributes:
        queue: The queue they were taken from.
        actor: The actor's name.
        reason: `failed`, `poison`, `undecodable` or `actor-not-found`.
        exception: The exception's class, with or without its module.
        text: What stands somewhere in the error's text, in capitals or not.
        since: Given up at or after this time.
    """

    queue: Annotated[str, Meta(max_length=100)] | None = None
    actor: Annotated[str, Meta(max_length=200)] | None = None
    reason: Annotated[str, Meta(max_length=50)] | None = None
    exception: Annotated[str, Meta(max_length=300)] | None = None
    text: Annotated[str, Meta(max_length=200)] | None = None
    since: datetime | None = None


# Events


class TaskDeadLettered(Event, event=("tasks.dead_lettered", "tasks", "task.dead_lettered")):
    """A task was given up and laid aside with the dead letters. Its arguments and traceback stay there.

    Attributes:
        sequence: The dead letter's number.
        task_id: Empty when the message could not be read, as is `actor`.
        reason: `failed`, `poison`, `undecodable` or `actor-not-found`.
        run_id: The chain that it belongs to; None when it belongs to none.
        error: The exception's class and text in one line, at most 300 characters.
        attempts: How often it was tried.
    """

    sequence: int
    queue: str
    actor: str
    task_id: str
    reason: str
    run_id: UUID | None = None
    error: str = ""
    attempts: int = 0


class TaskRequeued(Event, event=("tasks.requeued", "tasks", "task.requeued")):
    """Dead letters were sent to their queues again, by a person.

    Attributes:
        count: How many.
        sequences: Their numbers, the first hundred.
        by: The name of the API key.
        filter: What was asked for; None when one letter was named.
    """

    count: int
    sequences: list[int]
    by: Annotated[str, Meta(max_length=200)]
    filter: DeadLetterFilter | None = None
