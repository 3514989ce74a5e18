"""Parameters that several routes take, and answers that several give."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, PathParameter, QueryParameter

_BIGINT = 2**63 - 1

MessageId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="Our id of a message.")]
ChatFilter = Annotated[
    int | None,
    QueryParameter(
        ge=-_BIGINT, le=_BIGINT, description="Only this chat: any id that it has or has had here."
    ),
]
AuthorFilter = Annotated[
    int | None, QueryParameter(ge=-_BIGINT, le=_BIGINT, description="Only messages of this user.")
]
Since = Annotated[
    datetime | None,
    QueryParameter(
        description="Only messages sent at or after this time; UTC when it has no zone.",
        examples=[Example(value="2026-03-01T00:00:00Z")],
    ),
]
Until = Annotated[
    datetime | None,
    QueryParameter(
        description="Only messages sent before this time; UTC when it has no zone.",
        examples=[Example(value="2026-04-01T00:00:00Z")],
    ),
]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=500, description="`next_cursor` of the page before; absent for the first."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Items a page at the most.")]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Names this request, so that sending it again within 24 hours does nothing twice.",
    ),
]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Long work that has begun.

    Attributes:
        task_id: The task, for `GET /api/v1/tasks/{task_id}`.
        run_id: The chain of everything that follows; also the id of its trace.
        status_url: Where to see how it goes.
    """

    task_id: str
    run_id: UUID
    status_url: str


EXAMPLE_RUN = UUID("5f0c9a4e-6f0b-4b6e-9a55-2f8f4c1f7d10")


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def in_utc(moment: datetime | None) -> datetime | None:
    """A time in UTC, which it is in when it has no zone; the first or the last there is, beyond those."""
    if moment is None or moment.tzinfo is None:
        return moment if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST
