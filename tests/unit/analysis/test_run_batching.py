"""What is read together: each message in one batch, conversations whole where they fit, small ones joined."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.analysis.runs.batching import MOST_MESSAGES, SILENCE, Batcher, Mark, Place, most_batches

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def marks(*said: tuple[float, Place]) -> list[Mark]:
    """Messages by minute and place, numbered from 1."""
    return [Mark(number, place, BEGAN + at * MINUTE) for number, (at, place) in enumerate(said, start=1)]


def talk(messages: int, began: float = 0.0, place: Place = (1, None)) -> list[tuple[float, Place]]:
    """A conversation, a minute between two messages."""
    return [(began + minute, place) for minute in range(messages)]


def batches(given: Sequence[Mark]) -> list[list[int]]:
    batcher = Batcher()
    made = [batch for mark in given for batch in batcher.add(mark)]
    return made + list(batcher.rest())


def sizes(*said: tuple[float, Place]) -> list[int]:
    return [len(batch) for batch in batches(marks(*said))]


windows = st.lists(
    st.tuples(st.integers(0, 40), st.tuples(st.integers(1, 3), st.sampled_from([None, 1, 2]))), max_size=400
).map(lambda steps: marks(*_walk(steps)))


def _walk(steps: list[tuple[int, Place]]) -> list[tuple[float, Place]]:
    """Pauses of minutes, each a little longer or shorter than a silence, as times; most are short."""
    at, found = 0.0, []
    for pause, place in steps:
        at += pause if pause > 25 else pause / 20
        found.append((at, place))
    return found


@given(windows)
def test_every_message_is_in_exactly_one_batch(window: list[Mark]) -> None:
    found = [message_id for batch in batches(window) for message_id in batch]
    assert sorted(found) == [mark.message_id for mark in window]


@given(windows)
def test_batch_is_of_one_chat_and_never_too_large(window: list[Mark]) -> None:
    chats = {mark.message_id: mark.place[0] for mark in window}
    for batch in batches(window):
        assert 1 <= len(batch) <= MOST_MESSAGES
        assert len({chats[message_id] for message_id in batch}) == 1


@given(windows)
def test_what_is_said_in_one_place_keeps_its_order(window: list[Mark]) -> None:
    places = {mark.message_id: mark.place for mark in window}
    found = [message_id for batch in batches(window) for message_id in batch]
    for place in set(places.values()):
        here = [message_id for message_id in found if places[message_id] == place]
        assert here == sorted(here)


@given(windows)
def test_conversation_that_fits_is_not_cut(window: list[Mark]) -> None:
    batch_of = {message_id: number for number, batch in enumerate(batches(window)) for message_id in batch}
    conversations: list[list[Mark]] = []
    going_on: dict[Place, list[Mark]] = {}
    for mark in window:
        here = going_on.get(mark.place)
        if here is None or mark.sent_at - here[-1].sent_at >= SILENCE:
            going_on[mark.place] = here = []
            conversations.append(here)
        here.append(mark)
    for conversation in conversations:
        if len(conversation) < MOST_MESSAGES:
            assert len({batch_of[mark.message_id] for mark in conversation}) == 1


@given(windows)
def test_there_are_no_more_batches_than_was_said_there_would_be(window: list[Mark]) -> None:
    chats = len({mark.place[0] for mark in window})
    assert len(batches(window)) <= most_batches(len(window), chats)


@given(windows)
def test_same_messages_make_the_same_batches(window: list[Mark]) -> None:
    assert batches(window) == batches(window)


def test_pause_shorter_than_a_silence_goes_on_with_the_conversation() -> None:
    whole = [*talk(30), *talk(20, 29 + 29)]
    assert sizes(*whole, *talk(1, 200)) == [50, 1]


def test_silence_ends_a_conversation_and_the_next_one_that_does_not_fit_begins_a_batch() -> None:
    assert sizes(*talk(30), *talk(21, 29 + 30)) == [30, 21]


def test_small_conversations_of_a_chat_follow_each_other_into_one_batch_also_of_different_threads() -> None:
    said = [*talk(20), *talk(20, 100, (1, 5)), *talk(10, 200, (1, 6)), *talk(1, 300)]
    assert sizes(*said) == [50, 1]


def test_chats_are_not_mixed() -> None:
    said = sorted([*talk(5), *talk(5, 0.5, (2, None))])
    assert sizes(*said) == [5, 5]


def test_long_conversation_is_cut() -> None:
    assert sizes(*talk(120)) == [50, 50, 20]


def test_batches_come_as_soon_as_they_are_full_and_only_what_is_open_is_held() -> None:
    batcher, held, most_held = Batcher(), 0, 0
    for mark in marks(*[spoken for hour in range(1000) for spoken in talk(8, 60 * hour, (hour % 2, None))]):
        held += 1
        held -= sum(len(batch) for batch in batcher.add(mark))
        most_held = max(most_held, held)
    assert most_held <= 3 * MOST_MESSAGES
    assert held == sum(len(batch) for batch in batcher.rest())
