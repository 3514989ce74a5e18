"""What all parts of the API have in common: asking, paging, and which fields travel."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from tasktracker.errors import UnexpectedAnswer
from tasktracker.reading import record_of
from tasktracker.record import Record
from tasktracker.transport import IDEMPOTENCY_KEY, Call, Transport

Kind = TypeVar("Kind")
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """One page of a list."""

    @property
    def items(self) -> Sequence[Item_co]:
        """What is on it."""

    @property
    def next_cursor(self) -> str | None:
        """What to ask the next page with; None on the last."""


class Resource:
    """One part of the API.

    Args:
        transport: Sends its requests.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _ask(  # noqa: PLR0913 - what an HTTP request consists of
        self,
        method: str,
        path: str,
        kind: type[Kind],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        once: bool = False,
        also: Sequence[int] = (),
    ) -> Kind:
        """Send a request, and read the record that answers it."""
        answer = self._transport.send(_call(method, path, query, body, headers, once=once, also=also))
        return record_of(answer, kind)

    def _tell(  # noqa: PLR0913 - what an HTTP request consists of
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        once: bool = False,
    ) -> None:
        """Send a request that is answered without a body."""
        call = _call(method, path, query, body, headers, once=once)
        self._transport.send(replace(call, until_gone=method == "DELETE"))

    def _bytes(self, path: str, *, query: Mapping[str, Any] | None = None, accept: str = "*/*") -> bytes:
        """What GET answers, as it is."""
        return self._transport.send(_call("GET", path, query, None, {"Accept": accept})).content


def _call(  # noqa: PLR0913 - what an HTTP request consists of
    method: str,
    path: str,
    query: Mapping[str, Any] | None,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str | None] | None,
    *,
    once: bool = False,
    also: Sequence[int] = (),
) -> Call:
    sent = {name: value for name, value in (headers or {}).items() if value is not None}
    content: bytes | None = None
    if body is not None:
        content = msgspec.json.encode(body)
        sent["Content-Type"] = "application/json"
    return Call(
        method,
        path,
        query=query or {},
        content=None if content is None else lambda: content,
        headers=sent,
        once=once or IDEMPOTENCY_KEY in sent,
        also=also,
    )


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of something new: those that are None were not given."""
    return {name: _sent(value) for name, value in fields.items() if value is not None}


def changed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a change: None empties a field, those that are UNSET stay as they are."""
    return {name: _sent(value) for name, value in fields.items() if value is not msgspec.UNSET}


def _sent(value: Any) -> Any:
    """A value as it is sent: of a record inside a body, what is None is left to the server."""
    if isinstance(value, Record):
        return given(msgspec.structs.asdict(value))
    if isinstance(value, list | tuple):
        return [_sent(each) for each in value]
    return value


def segment(value: UUID | str) -> str:
    """A value as one part of a path.

    Raises:
        ValueError: When it cannot be one: empty, or made of dots.
    """
    text = str(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} is no id")
    return quote(text, safe="")


def every(page: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """All items of a list, page after page, each page asked for when it is needed.

    Args:
        page: Asks for the page of a cursor.

    Raises:
        UnexpectedAnswer: When a page leads back to itself.
    """
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        if found.next_cursor is None:
            return
        if found.next_cursor == cursor:
            raise UnexpectedAnswer("A page of the list leads back to itself.")
        cursor = found.next_cursor
