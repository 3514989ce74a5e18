"""Pages of a history: which messages are new, which are wanted, and where the end is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from telethon.tl import types

from services.ingestion.telegram.history_messages import history_chat
from services.ingestion.telegram.history_pages import Page, Window, read_page
from tests.unit.ingestion.history_shapes import AT, GROUP, ME_ID, OLENA, api_message
from tests.unit.ingestion.shapes import CHAT_ID

CHAT = history_chat(CHAT_ID, GROUP)
ALWAYS = Window()


def page(*messages: Any, before: int = 0, window: Window = ALWAYS) -> Page:
    """What a page with these messages says."""
    answer = types.messages.ChannelMessages(
        pts=1, count=900, messages=list(messages), topics=[], chats=[GROUP], users=[OLENA]
    )
    return read_page(answer, CHAT, before, window, ME_ID)


def numbered(*numbers: int) -> list[Any]:
    """Messages with these ids, each sent a second after the one with the id before."""
    return [
        api_message(id=number, message=f"{number}", date=AT + timedelta(seconds=number)) for number in numbers
    ]


def ids(found: Page) -> list[int]:
    return [message.telegram_message_id for message in found.messages]


def test_messages_come_oldest_first_and_the_next_page_goes_on_below_them() -> None:
    found = page(*numbered(9, 8, 5))
    assert (ids(found), found.oldest_id, found.is_last, found.total) == ([5, 8, 9], 5, False, 900)


def test_short_page_is_not_the_end_and_an_empty_one_is() -> None:
    assert not page(*numbered(9), before=10).is_last
    assert page(before=10).is_last


def test_first_message_of_all_is_the_end() -> None:
    assert page(*numbered(2, 1)).is_last


def test_what_was_there_before_and_what_comes_twice_is_passed_over() -> None:
    found = page(*numbered(9, 8, 8, 7, 9), before=9)
    assert ids(found) == [7, 8]


def test_page_of_known_messages_moves_nothing_and_is_not_the_end() -> None:
    found = page(*numbered(9, 8), before=5)
    assert (ids(found), found.oldest_id, found.is_last) == ([], 5, False)


def test_deleted_messages_are_absent_yet_move_the_place() -> None:
    found = page(*numbered(9), types.MessageEmpty(8, None))
    assert (ids(found), found.oldest_id) == ([9], 8)


def test_window_includes_its_beginning_and_excludes_its_end() -> None:
    window = Window(AT + timedelta(seconds=7), AT + timedelta(seconds=9))
    found = page(*numbered(10, 9, 8, 7, 6), window=window)
    assert (ids(found), found.is_last) == ([7, 8], True)
    assert not page(*numbered(10, 9), window=window).is_last


def test_unreadable_messages_are_told_with_their_ids() -> None:
    strange = api_message(id=7)
    strange.media = types.MessageMediaPoll(None, None)
    undated = api_message(id=6, date=datetime(1999, 1, 1, tzinfo=UTC))
    found = page(*numbered(8), strange, undated)
    assert ids(found) == [8]
    positions = [position for position, _ in found.errors]
    assert positions == [f"chat {CHAT_ID}, message 6", f"chat {CHAT_ID}, message 7"]
    assert "1999" in found.errors[0][1] or "date" in found.errors[0][1]


@given(st.data())
def test_any_cutting_and_repeating_of_pages_gives_each_message_once(data: st.DataObject) -> None:
    there = sorted(data.draw(st.sets(st.integers(1, 60), max_size=40)), reverse=True)
    got: list[int] = []
    before = 0
    while True:
        rest = [number for number in there if not before or number < before]
        size = data.draw(st.integers(1, 10))
        sent = got + rest[:size]
        again = data.draw(st.lists(st.sampled_from(sent), max_size=3)) if sent else []
        found = page(*numbered(*rest[:size], *again), before=before)
        got += sorted(ids(found), reverse=True)
        before = found.oldest_id
        if found.is_last or not rest:
            break
    assert sorted(got) == sorted(set(got))
    assert set(got) == set(there)
