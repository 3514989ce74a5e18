"""Who is told what: from now on, from memory, from the stream, and what happens to whoever is slow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from services.gateway.hub import Hub
from services.gateway.metrics import EVENT_DELAY
from services.gateway.pump import FAILED
from shared.messaging.events import Position
from shared.messaging.following import Began, CaughtUp, Followed
from shared.messaging.history import Lost, Page
from tests.unit.gateway.socket_frames import EPOCH, Recorder, event
from tests.unit.gateway.told_stream import ToldStream

MESSAGES = frozenset({"messages"})


async def until(condition: Callable[[], object], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + 5
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within 5 s: {what}"
        await asyncio.sleep(0.001)


def with_hub(
    scenario: Callable[[Hub, ToldStream], Awaitable[None]],
    *,
    capacity: int = 8,
    history: int = 100,
    last: int = 0,
) -> None:
    async def run() -> None:
        stream = ToldStream(last=last)
        hub = Hub(stream.follow, stream.read, capacity=capacity, history=history)
        hub.start()
        try:
            await scenario(hub, stream)
        finally:
            await hub.stop()

    asyncio.run(run())


def test_first_frame_says_where_the_client_is_before_anything_happens() -> None:
    async def scenario(hub: Hub, _: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, MESSAGES)
        await until(lambda: outlet.frames, "hello")
        (hello,) = outlet.frames
        assert (hello["type"], hello["seq"], hello["epoch"], hello["run_id"]) == ("hello", 7, EPOCH, None)
        assert hello["data"] == {"topics": ["messages"], "resumed": False}

    with_hub(scenario, last=7)


def test_each_client_gets_its_topics_and_a_closed_one_nothing() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        messages, jobs, gone = Recorder(), Recorder(), Recorder()
        hub.open(messages, MESSAGES)
        hub.open(jobs, frozenset({"ingestion"}))
        hub.close(hub.open(gone, MESSAGES))
        await until(lambda: messages.frames and jobs.frames, "hellos")
        for topic in ("messages", "ingestion", "messages"):
            stream.publish(topic)
        await until(lambda: len(messages.seqs) == 2 and jobs.seqs, "frames")
        assert (messages.seqs, jobs.seqs, gone.seqs, hub.clients) == ([1, 3], [2], [], 2)

    with_hub(scenario)


def test_delay_is_measured_of_what_is_new_and_not_of_what_was_there_before() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlet, before = Recorder(), measured_delays()
        hub.open(outlet, MESSAGES)
        await until(lambda: outlet.frames, "hello")
        assert measured_delays() == before
        for _ in range(3):
            stream.publish()
        await until(lambda: len(outlet.seqs) == 3, "what is new")
        assert measured_delays() == before + 3

    with_hub(scenario, last=50)


def measured_delays() -> float:
    (found,) = EVENT_DELAY.collect()
    return next(sample.value for sample in found.samples if sample.name.endswith("_count"))


def test_client_that_breaks_ends_alone_and_the_others_are_told() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlets = [Recorder() for _ in range(6)]
        for outlet in outlets:
            hub.open(outlet, MESSAGES)
        await until(lambda: all(outlet.frames for outlet in outlets), "hellos")
        for broken in outlets[::2]:
            broken.write = refuse  # type: ignore[method-assign]
        stream.publish()
        await until(lambda: all(outlet.seqs == [1] for outlet in outlets[1::2]), "the others' frames")
        assert [outlet.code for outlet in outlets] == [FAILED, None] * 3

    with_hub(scenario)


def refuse(wire: bytes) -> None:
    raise RuntimeError(f"{len(wire)} bytes")


def test_client_comes_back_from_memory_without_reading() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, MESSAGES, Position(EPOCH, 40))
        await until(lambda: outlet.seqs[-1:] == [50], "the end")
        assert outlet.seqs == list(range(41, 51))
        assert outlet.frames[0]["data"]["resumed"] is True
        assert (outlet.frames[0]["seq"], stream.reads) == (40, 0)

    with_hub(scenario, last=50, history=20)


def test_client_from_before_memory_is_read_for_and_joins_without_a_seam() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, MESSAGES, Position(EPOCH, 3))
        for _ in range(700):
            stream.publish()
            if outlet.frames:
                await asyncio.sleep(0)
        await until(lambda: outlet.seqs[-1:] == [2200], "the end")
        assert outlet.seqs == list(range(4, 2201))
        assert outlet.types.count("hello") == 1
        assert stream.reads >= 5

    with_hub(scenario, last=1500, history=50)


def test_what_is_not_kept_is_one_gap_in_place_of_hello_then_live() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        stream.expire(upto=80)
        outlet = Recorder()
        hub.open(outlet, MESSAGES, Position(EPOCH, 3))
        await until(lambda: outlet.frames, "the gap")
        stream.publish()
        await until(lambda: outlet.seqs, "what is new")
        gap = outlet.frames[0]
        assert outlet.types == ["gap", "message_scored"]
        assert gap["data"] == {"reason": "expired", "from": f"{EPOCH}:3"}
        assert (gap["epoch"], gap["seq"], outlet.seqs) == (EPOCH, 100, [101])

    with_hub(scenario, last=100, history=10)


@pytest.mark.parametrize(
    ("after", "reason"), [(Position("older", 5), "replaced"), (Position(EPOCH, 500), "rewound")]
)
def test_position_that_the_stream_does_not_have_is_a_gap(after: Position, reason: str) -> None:
    async def scenario(hub: Hub, _: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, MESSAGES, after)
        await until(lambda: outlet.frames, "the gap")
        assert outlet.types == ["gap"]
        assert outlet.frames[0]["data"] == {"reason": reason, "from": str(after)}

    with_hub(scenario, last=100)


def test_replica_that_lags_takes_a_position_from_one_that_does_not() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        first, outlet = Recorder(), Recorder()
        hub.open(first, MESSAGES)
        await until(lambda: first.frames, "the hub follows")
        stream.hold()
        for _ in range(3):
            stream.publish()
        hub.open(outlet, MESSAGES, Position(EPOCH, 12))
        await until(lambda: outlet.frames, "hello")
        stream.let_go()
        await until(lambda: outlet.seqs, "what is new")
        assert (outlet.types[0], outlet.seqs) == ("hello", [13])

    with_hub(scenario, last=10)


def test_stream_made_anew_is_a_gap_for_who_is_there_and_all_of_it_follows() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, MESSAGES)
        await until(lambda: outlet.frames, "hello")
        stream.publish()
        await until(lambda: outlet.seqs == [31], "live")
        stream.replace("new")
        stream.publish()
        await until(lambda: outlet.seqs == [31, 1], "the new stream")
        gap = outlet.frames[2]
        assert gap["type"] == "gap"
        assert (gap["epoch"], gap["seq"]) == ("new", 0)
        assert gap["data"] == {"reason": "replaced", "from": f"{EPOCH}:31"}

    with_hub(scenario, last=30)


def test_full_client_waits_and_gets_the_newest_progress_in_one_piece() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        slow = Recorder()
        hub.open(slow, MESSAGES)
        await until(lambda: slow.frames, "hello")
        slow.is_writable = False
        for _ in range(100):
            stream.publish(kind="ingestion.progress", run_id="a")
        quick = Recorder()
        hub.open(quick, MESSAGES)
        stream.publish()
        await until(lambda: quick.seqs[-1:] == [101], "the others go on")
        slow.drain()
        await until(lambda: slow.seqs[-1:] == [101], "it gets what waited")
        assert (slow.seqs, slow.is_ended) == ([100, 101], False)

    with_hub(scenario, capacity=4, history=200)


def test_client_with_too_much_waiting_is_let_go_and_can_come_back() -> None:
    async def scenario(hub: Hub, stream: ToldStream) -> None:
        slow = Recorder()
        client = hub.open(slow, MESSAGES)
        await until(lambda: slow.frames, "hello")
        slow.is_writable = False
        for _ in range(4):
            stream.publish()
        quick = Recorder()
        hub.open(quick, MESSAGES)
        await until(lambda: quick.frames, "it is looked at")
        assert not slow.is_ended
        stream.publish()
        await until(lambda: slow.is_ended, "it is let go")
        assert slow.code == 1013
        hub.close(client)
        back = Recorder()
        hub.open(back, MESSAGES, Position(EPOCH, slow.frames[-1]["seq"]))
        await until(lambda: len(back.seqs) == 5, "it has lost nothing")
        assert back.seqs == [1, 2, 3, 4, 5]

    with_hub(scenario, capacity=4)


def test_silent_topics_still_move_a_clients_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.pump.POSITION_SECONDS", 0.06)

    async def scenario(hub: Hub, stream: ToldStream) -> None:
        outlet = Recorder()
        hub.open(outlet, frozenset({"tasks"}))
        await until(lambda: outlet.frames, "hello")
        stream.publish()
        stream.publish()
        await until(lambda: len(outlet.frames) > 1, "a position")
        assert (outlet.types, outlet.frames[1]["seq"]) == (["hello", "position"], 2)

    with_hub(scenario)


def test_nobody_is_greeted_before_the_stream_is_reached() -> None:
    async def scenario() -> list[str]:
        reached = asyncio.Event()

        async def follow(_: int) -> AsyncIterator[Followed]:
            await reached.wait()
            yield Began(Position(EPOCH, 4), "started")
            yield event(5)
            yield CaughtUp()
            await asyncio.Event().wait()

        async def read(*_: Any) -> Page | Lost:
            raise AssertionError

        hub = Hub(follow, read, capacity=8, history=8)
        hub.start()
        fresh, back = Recorder(), Recorder()
        hub.open(fresh, MESSAGES)
        hub.open(back, MESSAGES, Position(EPOCH, 4))
        await asyncio.sleep(0)
        assert not fresh.frames
        reached.set()
        await until(lambda: fresh.frames and back.seqs, "both are served")
        assert (fresh.frames[0]["seq"], fresh.seqs, back.seqs) == (5, [], [5])
        await hub.stop()
        return fresh.types

    assert asyncio.run(scenario()) == ["hello"]


def test_stream_that_breaks_is_followed_again_and_nothing_comes_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.gateway.hub.RETRY_SECONDS", 0.001)

    async def scenario() -> Recorder:
        attempts = 0
        greeted = asyncio.Event()

        async def follow(_: int) -> AsyncIterator[Followed]:
            nonlocal attempts
            attempts += 1
            yield Began(Position(EPOCH, 0), "started")
            yield CaughtUp()
            await greeted.wait()
            for seq in range(1, 2 + attempts):
                yield event(seq)
            await asyncio.sleep(0.01)
            if attempts < 3:
                raise ValueError("poisoned")
            await asyncio.Event().wait()

        async def read(*_: Any) -> Page | Lost:
            raise AssertionError

        hub = Hub(follow, read, capacity=8, history=8)
        outlet = Recorder()
        hub.start()
        hub.open(outlet, MESSAGES)
        await until(lambda: outlet.frames, "hello")
        greeted.set()
        await until(lambda: outlet.seqs[-1:] == [4], "the end")
        await hub.stop()
        return outlet

    outlet = asyncio.run(scenario())
    assert (outlet.seqs, outlet.types.count("gap")) == ([1, 2, 3, 4], 0)
