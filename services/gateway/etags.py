"""ETags: which state of a thing an answer shows, and changes only of the state that was seen.

By RFC 9110, sections 8.8.3 and 13.1. A tag is `"<version>.<digest>"`: the version is what an edit is made
on, the digest is of the whole answer, which also counts what is not edited (a topic's atoms, say).
`If-None-Match` therefore looks at the whole tag. `If-Match` looks at the version alone, so that an edit is
not refused because something was counted meanwhile, and takes `"<version>"` as well.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec
from litestar import Request, Response
from litestar.params import HeaderParameter

from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.routes.knowledge_parameters import change
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.messaging.queries import ask

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e]*"'
_CONDITION: Final = re.compile(rf"[ \t]*(?:\*|{_TAG}(?:[ \t]*,[ \t]*{_TAG})*)[ \t]*")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATE: Final = frozenset({"version", "updated_at"})
"""The fields by which a service says that something was changed since."""

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="The `ETag` that the change is made on: 412 when there is a later version. `*` is any.",
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match",
        description="The `ETag` that you have: 304 without a body while it is still the same.",
    ),
]


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


class _Dated(Protocol):
    @property
    def updated_at(self) -> datetime: ...


Record = TypeVar("Record")
Versioned = TypeVar("Versioned", bound=_Versioned)
Dated = TypeVar("Dated", bound=_Dated)


def by_version(record: _Versioned) -> str:
    """The version of what is counted in versions."""
    return str(record.version)


def by_time(record: _Dated) -> str:
    """The version of what has none but the time of its last change: microseconds since 1970."""
    return str((record.updated_at - _EPOCH) // timedelta(microseconds=1))


def show(
    request: Request[Any, Any, Any], record: Record, version_of: Callable[[Record], str]
) -> Response[Record]:
    """An answer with its tag; 304 without a body when the one who asks has it already."""
    body = msgspec.json.encode(record)
    tag = _tag(version_of(record), body)
    status = 304 if is_known(request, tag) else 200
    return Response(
        b"" if status == 304 else body,  # type: ignore[arg-type]  # noqa: PLR2004 - as it stands above
        status_code=status,
        media_type="application/json",
        headers={"ETag": tag},
    )


async def edit(
    request: Request[Any, Any, Any],
    present: Query[Record],
    version_of: Callable[[Record], str],
    query: Callable[[Record | None], Query[Record]],
) -> Response[Record]:
    """Change something, of which the one who asks may say in `If-Match` which state was seen.

    Args:
        request: The PATCH.
        present: Asks for what is to be changed.
        version_of: `by_version` or `by_time`.
        query: Makes the change's query, given the state that was seen; None when any will do.

    Raises:
        ProblemError: 412 when it was changed since; also between the look and the change.
    """
    seen = await matched(request, present, version_of)
    try:
        record = await change(request, query(seen))
    except QueryError as error:
        raise _as_late(error, seen) from error
    return Response(record, headers={"ETag": _tag(version_of(record), msgspec.json.encode(record))})


async def delete_seen(
    request: Request[Any, Any, Any],
    present: Query[Record],
    version_of: Callable[[Record], str],
    query: Callable[[Record | None], Query[None]],
) -> None:
    """Delete something, of which the one who asks may say in `If-Match` which state was seen.

    What is gone already was deleted by somebody, which is what was asked for: that is no error.

    Raises:
        ProblemError: 412 when it was changed since.
    """
    try:
        seen = await matched(request, present, version_of)
    except QueryError as error:
        if error.code == "not_found":
            return
        raise
    try:
        await change(request, query(seen))
    except QueryError as error:
        raise _as_late(error, seen) from error


async def matched(
    request: Request[Any, Any, Any], present: Query[Record], version_of: Callable[[Record], str]
) -> Record | None:
    """What `If-Match` names, as it is now; None without the header, and for `*`.

    Raises:
        ProblemError: 412 when it names other versions; weak tags name none (RFC 9110, 13.1.1).
        QueryError: `not_found` when there is nothing.
    """
    given = _condition(request, "If-Match")
    if given is None or given.strip() == "*":
        return None
    record = await ask(present)
    version = version_of(record)
    tags = re.findall(_TAG, given)
    if version not in {tag.strip('"').partition(".")[0] for tag in tags if not tag.startswith("W/")}:
        raise ProblemError(
            412,
            f"It was changed meanwhile: If-Match names {', '.join(tags)}, and it has version {version} now. "
            "Look at it again.",
            headers={"ETag": _tag(version, msgspec.json.encode(record))},
        )
    return record


def version_seen(given: int | None, seen: _Versioned | None) -> int | None:
    """The version that a change is made on: as the body says, else as `If-Match` does."""
    return given if given is not None or seen is None else seen.version


def time_seen(seen: _Dated | None) -> datetime | None:
    """The time of the change before, which `If-Match` named."""
    return None if seen is None else seen.updated_at


def is_known(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether the one who asks says in `If-None-Match` to have what this tag stands for."""
    given = _condition(request, "If-None-Match")
    if given is None:
        return False
    return given.strip() == "*" or tag in {each.removeprefix("W/") for each in re.findall(_TAG, given)}


def _condition(request: Request[Any, Any, Any], name: str) -> str | None:
    """A header with all its lines, which mean the same as one.

    Raises:
        ProblemError: 422 when it names no tags.
    """
    lines = request.headers.getall(name, [])
    if not lines:
        return None
    given = ", ".join(lines)
    if _CONDITION.fullmatch(given) is None:
        message = 'Tags stand in double quotes, as in ETag: "7", or W/"7"; * is any.'
        fault = FieldProblem(field=name, message=message, source="header")
        raise ProblemError(422, f"{name}: {message}", errors=[fault])
    return given


def _tag(version: str, body: bytes) -> str:
    return f'"{version}.{hashlib.sha256(body).hexdigest()[:12]}"'


def _as_late(error: QueryError, seen: object | None) -> Exception:
    """A refusal of the change itself, as 412 when that is because of what `If-Match` named."""
    if seen is not None and error.code == "conflict" and error.body.field in _LATE:
        return ProblemError(412, error.body.message)
    return error
