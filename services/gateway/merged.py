"""Lists of several services as one, newest first, page by page; a service that is away is left out."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.errors import QueryError, unavailable

_MOST_PAGES: Final = 50
"""Pages of one service that are looked through for the place where a page goes on."""


class Entry(Protocol):
    """What can be put in order by time."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""

    @property
    def id(self) -> UUID:
        """Which it is."""


Item = TypeVar("Item", bound=Entry)
Page = tuple[Sequence[Item], str | None]
Ask = Callable[[str | None, int], Awaitable[Page[Item]]]
"""Asks a service for a page of its list: from a cursor of its own, so many items; with the next cursor."""


class Position(msgspec.Struct, frozen=True, array_like=True):
    """How far a service's list has been shown.

    Attributes:
        cursor: The service's own, of the page that the next item is in.
        at: When the last item that was shown was made; None for the page's first one.
        id: That item's id.
        over: Nothing follows.
    """

    cursor: str | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    id: UUID | None = None
    over: bool = False


def write_positions(positions: Mapping[str, Position]) -> str | None:
    """The cursor of the merged list; None when nothing follows in any."""
    if all(position.over for position in positions.values()):
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(positions)).decode().rstrip("=")


def read_positions(cursor: str | None) -> dict[str, Position]:
    """How far each list was shown; nothing for the first page.

    Raises:
        QueryError: `invalid`, when it is not a cursor of a merged list.
    """
    if cursor is None:
        return {}
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=dict[str, Position])
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise QueryError("invalid", "The cursor is not one of this list.", field="cursor") from error


class Lane(Generic[Item]):
    """One service's list, of which the next item can be looked at and taken."""

    def __init__(self, ask: Ask[Item], position: Position, limit: int) -> None:
        self.position = position
        self._ask = ask
        self._limit = limit
        self._items: list[Item] = []
        self._next: str | None = position.cursor
        self._asked = 0

    async def look(self) -> Item | None:
        """The next item; None when there is none.

        Raises:
            QueryError: As the service refuses; `invalid` when the position lies too far back.
        """
        while not self._items and not self.position.over:
            await self._turn()
        return self._items[0] if self._items else None

    def take(self) -> Item:
        """Take what was looked at."""
        item = self._items.pop(0)
        self.position = Position(self.position.cursor, item.created_at, item.id)
        return item

    async def _turn(self) -> None:
        """Ask for the page at the position, or for the one behind it when that has been shown."""
        if self._asked:
            self.position = Position(self._next, self.position.at, self.position.id, over=self._next is None)
            if self.position.over:
                return
        if self._asked == _MOST_PAGES:
            raise QueryError("invalid", "Too much is new since this cursor: begin anew.", field="cursor")
        self._asked += 1
        items, self._next = await self._ask(self.position.cursor, self._limit)
        self._items = [item for item in items if self._follows(item)]

    def _follows(self, item: Item) -> bool:
        """Whether an item is older than the last one that was shown: what is new stands before it."""
        at, last = self.position.at, self.position.id
        return at is None or last is None or (item.created_at, item.id) < (at, last)


async def merge(
    asks: Mapping[str, Ask[Item]], cursor: str | None, limit: int
) -> tuple[list[Item], str | None, list[str]]:
    """A page of several lists as one.

    Args:
        asks: The lists by name, each newest first by `created_at` and `id`.
        cursor: Of the page before; None for the first.
        limit: Items at the most.

    Returns:
        The items, the next page's cursor, and the names of the lists that were left out because their
        service is away. They go on where they stood on a later page.

    Raises:
        QueryError: As a service refuses; `unavailable` when all are away.
    """
    known = read_positions(cursor)
    if cursor is not None and known.keys() != asks.keys():
        raise QueryError("invalid", "The cursor is of a list of other kinds.", field="cursor")
    lanes = {name: Lane(ask, known.get(name, Position()), limit) for name, ask in asks.items()}
    there = await asyncio.gather(*map(_is_there, lanes.values()))
    away = [name for name, is_there in zip(lanes, there, strict=True) if not is_there]
    if lanes and len(away) == len(lanes):
        raise unavailable(f"None of the services that know of {', '.join(away)} answers.")
    going = [lane for name, lane in lanes.items() if name not in away]
    items: list[Item] = []
    while len(items) < limit:
        heads = [(head, lane) for lane in going if (head := await lane.look()) is not None]
        if not heads:
            break
        _, first = max(heads, key=lambda each: (each[0].created_at, each[0].id))
        items.append(first.take())
    # Whether anything follows at all.
    await asyncio.gather(*map(_is_there, going))
    return items, write_positions({name: lane.position for name, lane in lanes.items()}), away


async def _is_there(lane: Lane[Item]) -> bool:
    try:
        await lane.look()
    except QueryError as error:
        if error.code == "unavailable":
            return False
        raise
    return True
