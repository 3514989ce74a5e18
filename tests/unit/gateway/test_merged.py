"""Lists of several services as one: nothing twice, nothing left out, whatever comes in between."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.merged import Ask, Page, merge, read_positions
from shared.contracts.errors import QueryError, unavailable

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Thing:
    created_at: datetime
    id: UUID


def thing(minute: int, number: int) -> Thing:
    return Thing(BEGAN + timedelta(minutes=minute), UUID(int=number))


class Service:
    """A list, newest first, by keyset pages as the real ones have them."""

    def __init__(self, *things: Thing) -> None:
        self.things = list(things)
        self.is_away = False

    async def ask(self, cursor: str | None, limit: int) -> Page[Thing]:
        if self.is_away:
            raise unavailable("The service is not running.")
        found = sorted(self.things, key=lambda each: (each.created_at, each.id), reverse=True)
        if cursor is not None:
            minute, _, number = cursor.partition("/")
            last = thing(int(minute), int(number))
            found = [each for each in found if (each.created_at, each.id) < (last.created_at, last.id)]
        page = found[:limit]
        more = len(found) > limit
        last_minute = (page[-1].created_at - BEGAN) // timedelta(minutes=1) if page else 0
        return page, f"{last_minute}/{page[-1].id.int}" if more else None


def page(
    services: dict[str, Service], cursor: str | None, limit: int
) -> tuple[list[Thing], str | None, list[str]]:
    asks: dict[str, Ask[Thing]] = {name: service.ask for name, service in services.items()}
    return asyncio.run(merge(asks, cursor, limit))


def pages(services: dict[str, Service], limit: int) -> list[Thing]:
    """All items of all pages."""
    found, cursor, _ = page(services, None, limit)
    while cursor is not None:
        more, cursor, _ = page(services, cursor, limit)
        assert 0 < len(more) <= limit
        found += more
    return found


@settings(max_examples=60, deadline=None)
@given(
    lists=st.lists(st.lists(st.integers(0, 8), max_size=9), min_size=1, max_size=4),
    limit=st.integers(1, 7),
)
def test_all_of_all_lists_come_once_newest_first(lists: list[list[int]], limit: int) -> None:
    number = iter(range(1, 1000))
    services = {
        str(place): Service(*(thing(minute, next(number)) for minute in minutes))
        for place, minutes in enumerate(lists)
    }
    expected = [each for service in services.values() for each in service.things]
    expected.sort(key=lambda each: (each.created_at, each.id), reverse=True)

    assert pages(services, limit) == expected


def test_what_is_made_between_two_pages_neither_repeats_nor_hides_anything() -> None:
    services = {
        "a": Service(*(thing(minute, minute) for minute in range(1, 20, 2))),
        "b": Service(*(thing(minute, minute) for minute in range(2, 21, 2))),
    }
    seen, cursor, _ = page(services, None, 4)
    new = 100
    while cursor is not None:
        for service in services.values():
            service.things += [thing(new + extra, new + extra) for extra in range(6)]
        new += 10
        more, cursor, _ = page(services, cursor, 4)
        seen += more

    assert [each.id.int for each in seen] == list(range(20, 0, -1))


def test_a_list_whose_service_is_away_is_left_out_and_goes_on_later() -> None:
    services = {
        "a": Service(*(thing(minute, minute) for minute in (1, 3, 5, 7))),
        "b": Service(*(thing(minute, minute) for minute in (2, 4, 6, 8))),
    }
    first, cursor, away = page(services, None, 2)
    assert ([each.id.int for each in first], away) == ([8, 7], [])
    services["b"].is_away = True
    second, cursor, away = page(services, cursor, 2)
    assert ([each.id.int for each in second], away) == ([5, 3], ["b"])
    services["b"].is_away = False
    third, cursor, away = page(services, cursor, 10)
    assert ([each.id.int for each in third], cursor, away) == ([6, 4, 2, 1], None, [])


def test_when_all_are_away_that_is_the_answer() -> None:
    services = {"a": Service(thing(1, 1)), "b": Service(thing(2, 2))}
    for service in services.values():
        service.is_away = True

    with pytest.raises(QueryError) as caught:
        page(services, None, 2)

    assert caught.value.code == "unavailable"


@pytest.mark.parametrize(
    "cursor",
    ["", "W10", "e30", "***", "eyJhIjpbbnVsbCwiMjAyNi0wMy0xMlQwOTo0MTowNyIsbnVsbF19", "é", "A" * 5],
)
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(QueryError) as caught:
        page({"a": Service(thing(1, 1))}, cursor, 2)

    assert (caught.value.code, caught.value.body.field) == ("invalid", "cursor")


def test_a_cursor_far_back_ends_in_a_refusal_not_in_a_long_search() -> None:
    services = {
        "a": Service(*(thing(minute, minute) for minute in (1, 3, 5))),
        "b": Service(*(thing(minute, minute) for minute in (2, 4, 6))),
    }
    _, cursor, _ = page(services, None, 3)
    services["a"].things += [thing(minute, minute) for minute in range(1000, 1200)]

    with pytest.raises(QueryError, match="begin anew"):
        page(services, cursor, 3)


def test_the_first_page_has_no_position() -> None:
    assert read_positions(None) == {}
