"""The recent frames: what a client at a place is told next."""

import msgspec
import pytest

from services.gateway.frames import event_frame, replacement_key, text_message
from services.gateway.ring import BATCH_BYTES, Ring
from shared.messaging.events import Position
from tests.unit.gateway.socket_frames import EPOCH, event, texts

MESSAGES = frozenset({"messages"})


def a_ring(*seqs: int, most: int = 100, most_bytes: int = 1 << 20, after: int = 0) -> Ring:
    ring = Ring(most, most_bytes)
    ring.restart(Position(EPOCH, after))
    for seq in seqs:
        ring.append(event(seq))
    return ring


def seqs_of(wire: bytes) -> list[int]:
    return [msgspec.json.decode(text)["seq"] for text in texts(wire)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_message_of_any_size_is_one_whole_text_message(size: int) -> None:
    assert texts(text_message(b"x" * size)) == [b"x" * size]


def test_frame_carries_the_data_as_it_came() -> None:
    (text,) = texts(event_frame(event(7, run_id="r")))

    assert msgspec.json.decode(text) == {
        "type": "message_scored",
        "data": {"n": 7},
        "seq": 7,
        "epoch": EPOCH,
        "at": "2026-03-01T00:00:00Z",
        "run_id": "r",
    }


@pytest.mark.parametrize(
    ("kind", "run_id", "replaces"),
    [
        ("ingestion.progress", "a", True),
        ("experiment_progress", "a", True),
        ("analysis.batch_completed", "a", True),
        ("analysis.run_completed", "a", False),
        ("analysis.proposal_reviewed", "a", False),
        ("ingestion.progress", None, False),
        ("ingestion.completed", "a", False),
        ("message.updated", "a", False),
    ],
)
def test_what_replaces_what(kind: str, run_id: str | None, *, replaces: bool) -> None:
    first, second = event(1, kind, run_id=run_id), event(2, kind, run_id=run_id)

    assert (replacement_key(first) == replacement_key(second)) is replaces


def test_batch_has_what_follows_a_place_in_order() -> None:
    batch = a_ring(1, 3, 4, 9).batch(MESSAGES, 3)

    assert (seqs_of(batch.wire), batch.count, batch.upto) == ([4, 9], 2, 9)


def test_batch_has_only_the_topics_asked_for_and_passes_the_others() -> None:
    ring = a_ring(1)
    ring.append(event(2, topic="ingestion"))

    batch = ring.batch(frozenset({"ingestion"}), 0)
    assert (seqs_of(batch.wire), batch.upto) == ([2], 2)
    batch = ring.batch(frozenset({"knowledge"}), 0)
    assert (batch.wire, batch.count, batch.upto) == (b"", 0, 2)


def test_event_of_no_known_contract_is_passed() -> None:
    ring = a_ring(1)
    ring.append(event(2, topic=""))

    assert (ring.last, ring.count_all(0)) == (2, 1)


def test_newer_progress_of_a_run_stands_for_older_and_in_its_own_place() -> None:
    ring = a_ring()
    for seq in range(1, 100):
        ring.append(event(seq, "ingestion.progress", run_id="a" if seq % 2 else "b"))
    ring.append(event(100))

    batch = ring.batch(MESSAGES, 0)
    assert (seqs_of(batch.wire), batch.replaced) == ([98, 99, 100], 97)
    assert ring.count(MESSAGES, 0) == 3


def test_batch_ends_when_it_is_as_large_as_a_connection_takes() -> None:
    ring = a_ring(most=10_000)
    for seq in range(1, 2001):
        ring.append(event(seq))

    place, seen = 0, []
    while place < ring.last:
        batch = ring.batch(MESSAGES, place)
        assert len(batch.wire) < BATCH_BYTES + 1000
        place = batch.upto
        seen += seqs_of(batch.wire)
    assert seen == list(range(1, 2001))


def test_oldest_frames_make_room_and_the_floor_says_so() -> None:
    ring = a_ring(*range(1, 1001), most=10)

    assert (ring.floor, ring.last, ring.count_all(0)) == (990, 1000, 10)
    assert seqs_of(ring.batch(MESSAGES, 990).wire) == list(range(991, 1001))


def test_large_frames_make_room_by_their_bytes() -> None:
    size = len(event_frame(event(100)))
    ring = a_ring(*range(100, 150), most_bytes=size * 5)

    assert ring.floor == 144


@pytest.mark.parametrize(
    ("place", "held"),
    [
        (Position(EPOCH, 10), True),
        (Position(EPOCH, 12), True),
        (Position(EPOCH, 15), True),
        (Position(EPOCH, 9), False),
        (Position(EPOCH, 16), False),
        (Position("other", 12), False),
    ],
)
def test_ring_holds_what_follows_from_its_floor_to_its_end(place: Position, *, held: bool) -> None:
    assert a_ring(11, 12, 15, after=10).holds(place) is held


def test_restart_forgets() -> None:
    ring = a_ring(1, 2, 3)
    ring.restart(Position("new", 7))

    assert (ring.end, ring.floor, ring.count_all(0)) == (Position("new", 7), 7, 0)
