"""Which dead letters are meant, and acting on many of them."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from tasktracker.records.dead_letters import ManyDone


class Filters(TypedDict):
    """Which dead letters are meant."""

    queue: str | None
    actor: str | None
    reason: str | None
    exception: str | None
    text: str | None
    since: datetime | None


class Body(Filters):
    """Which dead letters are meant, as the server wants it said."""

    all: bool | None


def body_of(which: Filters) -> Body:
    """The filters as the server takes them: that all are meant has to be said, and only then."""
    return Body(**which, all=None if any(value is not None for value in which.values()) else True)


class Behind(TypedDict):
    """Where a batch begins and ends."""

    up_to: int | None
    after: int | None


def behind(before: ManyDone | None) -> Behind:
    """Where the batch after this one is; None is the first."""
    if before is None:
        return Behind(up_to=None, after=None)
    return Behind(up_to=before.up_to, after=before.after)


def until_complete(act: Callable[[ManyDone | None], ManyDone]) -> int:
    """Act on batch after batch, of those that were there when it began; returns on how many."""
    done = act(None)
    count = done.count
    while not done.is_complete:
        done = act(done)
        count += done.count
    return count


def named(which: Filters) -> str:
    """Which dead letters are meant, for a question."""
    said = [f"{name} {value}" for name, value in which.items() if value is not None]
    return f"all dead letters with {', '.join(said)}" if said else "ALL dead letters"
