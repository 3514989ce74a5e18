"""What the routes of knowledge have in common: ids in addresses, decisions, changes in a person's name."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter
from opentelemetry.trace import SpanKind

from services.gateway.auth import caller
from services.gateway.idempotency import Answer, answer_once
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import Id, ReviewStatus
from shared.messaging.queries import DEFAULT_TIMEOUT, ask
from shared.telemetry import start_run

_BIGINT = 2**63 - 1
_LONGEST_NAME = 200

Record = TypeVar("Record")
TopicId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The id of a topic.")]
AtomId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The id of an atom.")]
LinkId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The id of a link.")]
VersionId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The id of a version.")]
MergeId = Annotated[int, PathParameter(ge=1, le=_BIGINT, description="The id of a merge.")]


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision; `needs_review` takes an earlier one back."""

    status: ReviewStatus


class MergeInto(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which one takes this one over."""

    into: Id


def person(request: Request[Any, Any, Any]) -> str:
    """In whose name a request changes something: its key's."""
    return caller(request).name[:_LONGEST_NAME]


async def change(request: Request[Any, Any, Any], query: Query[Record]) -> Record:
    """Have something changed, as a chain of its own; for what is harmless to repeat by itself."""
    with start_run(_name(request), kind=SpanKind.SERVER):
        return await ask(query)


async def change_once(  # noqa: PLR0913 - how it is asked, and how it is answered
    request: Request[Any, Any, Any],
    query: Callable[[UUID], Query[Record]],
    *,
    status: int = 200,
    location: Callable[[Record], str] | None = None,
    shape: Callable[[Record], Any] | None = None,
    renamed: dict[str, str] | None = None,
    timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - as `ask` has it
    chain: UUID | None = None,
) -> Response[Any]:
    """Have something changed by a POST, once for each `Idempotency-Key`.

    Args:
        request: The POST.
        query: Makes what to ask, given the run_id of the chain that it begins.
        status: How it is answered when it went well.
        location: Where to find what was made.
        shape: Makes the body of the answer; the record itself when None.
        renamed: Fields of the query that have another name in the body.
        timeout: Seconds to wait for the answer.
        chain: The run_id of the chain that it goes on with; None begins one.
    """

    async def act(run_id: UUID) -> Answer:
        with start_run(_name(request), chain or run_id, kind=SpanKind.SERVER):
            record = await ask_renamed(query(run_id), renamed or {}, timeout)
        return Answer(
            body=record if shape is None else shape(record),
            status=status,
            location=None if location is None else location(record),
        )

    return await answer_once(request, await request.body(), act)


async def ask_renamed(query: Query[Record], renamed: dict[str, str], seconds: float) -> Record:
    """What a query is answered, its field at fault by the name that the API has for it."""
    try:
        return await ask(query, timeout=seconds)
    except QueryError as error:
        if error.body.field not in renamed:
            raise
        body = error.body
        raise QueryError(body.code, body.message, field=renamed[str(body.field)]) from error


def _name(request: Request[Any, Any, Any]) -> str:
    return f"{request.method} {request.scope['path_template']}"
