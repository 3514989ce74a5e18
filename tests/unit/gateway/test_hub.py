"""The mailbox of one client, and who gets what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest

from services.gateway.hub import Hub, Mailbox, encode_frame, replacement_key
from shared.messaging.events import ReceivedEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)


def event(
    seq: int, kind: str = "message_scored", *, topic: str = "messages", run_id: str | None = None
) -> ReceivedEvent:
    return ReceivedEvent(topic, kind, msgspec.Raw(b'{"n":%d}' % seq), seq, "e", AT, run_id)


def a_mailbox(capacity: int = 4) -> Mailbox:
    return Mailbox(topics=frozenset({"messages"}), capacity=capacity)


def test_frames_wait_in_order() -> None:
    async def scenario() -> list[str]:
        mailbox = a_mailbox()
        for seq in (1, 2, 3):
            mailbox.put(seq, str(seq))
        return await mailbox.take()

    assert asyncio.run(scenario()) == ["1", "2", "3"]


def test_newer_progress_of_a_run_takes_the_place_of_older() -> None:
    async def scenario() -> tuple[list[str], bool]:
        mailbox = a_mailbox(capacity=2)
        for seq in range(100):
            received = event(seq, "ingestion.progress", run_id="a" if seq % 2 else "b")
            mailbox.put(replacement_key(received), str(seq))
        return await mailbox.take(), mailbox.overflowed.is_set()

    assert asyncio.run(scenario()) == (["98", "99"], False)


def test_too_many_frames_overflow_and_take_no_more() -> None:
    async def scenario() -> tuple[list[str], bool]:
        mailbox = a_mailbox(capacity=4)
        for seq in range(6):
            mailbox.put(seq, str(seq))
        return await mailbox.take(), mailbox.overflowed.is_set()

    assert asyncio.run(scenario()) == (["0", "1", "2", "3"], True)


@pytest.mark.parametrize(
    ("kind", "run_id", "replaces"),
    [
        ("ingestion.progress", "a", True),
        ("experiment_progress", "a", True),
        ("ingestion.progress", None, False),
        ("ingestion.completed", "a", False),
        ("message.updated", "a", False),
    ],
)
def test_what_replaces_what(kind: str, run_id: str | None, *, replaces: bool) -> None:
    first, second = event(1, kind, run_id=run_id), event(2, kind, run_id=run_id)

    assert (replacement_key(first) == replacement_key(second)) is replaces


def test_frame_carries_the_data_as_it_came() -> None:
    frame = msgspec.json.decode(encode_frame(event(7, run_id="r")))

    assert frame == {
        "type": "message_scored",
        "data": {"n": 7},
        "seq": 7,
        "epoch": "e",
        "at": "2026-03-01T00:00:00Z",
        "run_id": "r",
    }


def test_each_mailbox_gets_its_topics_and_a_closed_one_nothing() -> None:
    async def scenario() -> tuple[list[str], list[str]]:
        queue: asyncio.Queue[ReceivedEvent] = asyncio.Queue()

        async def follow() -> AsyncIterator[ReceivedEvent]:
            while True:
                yield await queue.get()
                queue.task_done()

        hub = Hub(follow, capacity=8)
        messages, jobs = hub.open(frozenset({"messages"})), hub.open(frozenset({"ingestion"}))
        hub.start()
        for seq, topic in enumerate(("messages", "ingestion", "messages"), start=1):
            queue.put_nowait(event(seq, topic=topic))
        await asyncio.wait_for(queue.join(), 5)
        hub.close(jobs)
        found = await messages.take(), await jobs.take()
        assert hub.clients == 1
        await hub.stop()
        return found

    messages, jobs = asyncio.run(scenario())
    assert [msgspec.json.decode(frame)["seq"] for frame in messages] == [1, 3]
    assert [msgspec.json.decode(frame)["seq"] for frame in jobs] == [2]


def test_stream_that_breaks_is_followed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.hub.RETRY_SECONDS", 0.01)

    async def scenario() -> list[str]:
        attempts = 0

        async def follow() -> AsyncIterator[ReceivedEvent]:
            nonlocal attempts
            attempts += 1
            if attempts < 3:
                raise ValueError("poisoned")
            yield event(attempts)
            await asyncio.Event().wait()

        hub = Hub(follow, capacity=8)
        mailbox = hub.open(frozenset({"messages"}))
        hub.start()
        frames = await asyncio.wait_for(mailbox.take(), 5)
        await hub.stop()
        return frames

    assert len(asyncio.run(scenario())) == 1
