"""Which messages belong together, and which of them an extraction takes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.conversations import Mark, Stretch, batches, choose, first_part, stretches

BEGAN = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
SILENCE = timedelta(minutes=30)
NOW = BEGAN + timedelta(hours=12)


def said(number: int, minute: float, *, chat: int = 1, thread: int | None = None, waits: bool = True) -> Mark:
    return Mark(number, chat, thread, BEGAN + timedelta(minutes=minute), waits)


def talk(first: int, count: int, minute: float, *, chat: int = 1, waits: bool = True) -> list[Mark]:
    return [said(first + place, minute + place, chat=chat, waits=waits) for place in range(count)]


def ids(found: Sequence[Stretch]) -> list[list[int]]:
    return [[mark.message_id for mark in stretch.marks] for stretch in found]


def chosen(marks: Sequence[Mark], *, now: datetime = NOW, threshold: int = 10, most: int = 50) -> list[int]:
    taken = choose(stretches(marks, SILENCE), now=now, silence=SILENCE, threshold=threshold, most=most)
    return [mark.message_id for mark in taken]


def test_silence_ends_a_conversation() -> None:
    marks = [said(1, 0), said(2, 29.9), said(3, 59.9), said(4, 61)]
    assert ids(stretches(marks, SILENCE)) == [[1, 2], [3, 4]]


def test_noise_keeps_a_conversation_going() -> None:
    marks = [said(1, 0), said(2, 20, waits=False), said(3, 40)]
    (stretch,) = stretches(marks, SILENCE)
    assert [mark.message_id for mark in stretch.waiting] == [1, 3]


def test_chats_and_threads_are_conversations_of_their_own() -> None:
    marks = [said(1, 0), said(2, 1, chat=2), said(3, 2, thread=7), said(4, 3), said(5, 4, thread=7)]
    assert ids(stretches(marks, SILENCE)) == [[1, 4], [2], [3, 5]]


def test_order_sent_decides_whatever_the_order_given() -> None:
    marks = [said(3, 5), said(1, 9), said(2, 0)]
    assert ids(stretches(marks, SILENCE)) == [[2, 3, 1]]


def test_too_few_that_wait_are_left_waiting() -> None:
    assert chosen([*talk(1, 9, 0), *talk(50, 20, 10, waits=False)]) == []


def test_ended_conversations_are_taken_whole_and_the_one_that_goes_on_is_left() -> None:
    marks = [*talk(1, 6, 0), *talk(11, 5, 120), *talk(21, 30, 300)]
    now = marks[-1].sent_at + timedelta(minutes=5)
    assert chosen(marks, now=now) == [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15]


def test_conversation_that_goes_on_is_taken_when_the_ended_ones_are_too_few() -> None:
    marks = [*talk(1, 6, 0), *talk(11, 5, 120)]
    now = marks[-1].sent_at + timedelta(minutes=5)
    assert len(chosen(marks, now=now)) == 11


def test_conversation_that_does_not_fit_waits_for_the_next_extraction() -> None:
    marks = [*talk(1, 12, 0), *talk(101, 45, 120), *talk(201, 4, 300)]
    assert chosen(marks) == [*range(1, 13), *range(201, 205)]


def test_one_that_is_longer_than_an_extraction_is_begun() -> None:
    assert chosen(talk(1, 80, 0)) == list(range(1, 51))


def test_part_fills_up_when_whole_ones_are_too_few() -> None:
    marks = [*talk(1, 4, 0), *talk(101, 48, 120)]
    assert chosen(marks) == [1, 2, 3, 4, *range(101, 147)]


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from([None, 5]), st.integers(0, 600), st.booleans()),
        max_size=120,
    ),
    st.integers(1, 20),
    st.integers(20, 60),
)
def test_choice_is_all_or_nothing_and_within_bounds(
    given_marks: list[tuple[int, int | None, int, bool]], threshold: int, most: int
) -> None:
    marks = [
        said(number, minute, chat=chat, thread=thread, waits=waits)
        for number, (chat, thread, minute, waits) in enumerate(given_marks, start=1)
    ]
    waiting = {mark.message_id for mark in marks if mark.waits}
    taken = chosen(marks, now=BEGAN + timedelta(minutes=300), threshold=threshold, most=most)
    assert len(taken) == len(set(taken))
    assert set(taken) <= waiting
    if len(waiting) < threshold:
        assert taken == []
    else:
        assert threshold <= len(taken) <= most
    packed = [mark.message_id for batch in batches(stretches(marks, SILENCE), most) for mark in batch]
    assert sorted(packed) == sorted(waiting)


def test_batches_cut_only_what_does_not_fit_into_one() -> None:
    marks = [*talk(1, 30, 0), *talk(101, 30, 120), *talk(201, 70, 300)]
    sizes = [len(batch) for batch in batches(stretches(marks, SILENCE), 50)]
    assert sizes == [30, 30, 50, 20]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([], 0), ([10], 1), ([200, 5], 1), ([40, 40, 40], 2), ([40, 60, 1], 2), ([30, 30, 30], 3)],
)
def test_part_of_a_conversation_stays_within_its_size(lengths: list[int], expected: int) -> None:
    assert first_part(lengths, 100) == expected
