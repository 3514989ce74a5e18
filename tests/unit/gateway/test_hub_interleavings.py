"""Whatever happens in whatever order, a client that comes back is told each event once, or of a gap."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.hub import Hub
from shared.messaging.events import Position
from tests.unit.gateway.socket_frames import EPOCH, Recorder
from tests.unit.gateway.told_stream import ToldStream

TOPICS = (frozenset({"messages"}), frozenset({"messages", "ingestion"}), frozenset({"ingestion"}))
CLIENTS = 3

Step = tuple[str, int, str]

steps = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 12), st.sampled_from(["messages", "ingestion", ""])),
    st.tuples(st.just("come"), st.integers(0, CLIENTS - 1), st.just("")),
    st.tuples(st.just("go"), st.integers(0, CLIENTS - 1), st.just("")),
    st.tuples(st.just("stall"), st.integers(0, CLIENTS - 1), st.just("")),
    st.tuples(st.just("drain"), st.integers(0, CLIENTS - 1), st.just("")),
    st.tuples(st.just("turns"), st.integers(1, 30), st.just("")),
    st.tuples(st.just("hold"), st.just(0), st.just("")),
    st.tuples(st.just("let go"), st.just(0), st.just("")),
    st.tuples(st.just("expire"), st.integers(1, 8), st.just("")),
    st.tuples(st.just("restart"), st.just(0), st.just("")),
)


@dataclass
class Person:
    """A client with its connections, one after the other."""

    topics: frozenset[str]
    begun: int | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    outlet: Recorder | None = None
    client: Any = None

    def come(self, hub: Hub) -> None:
        self.go(hub)
        after = Position(EPOCH, self.frames[-1]["seq"]) if self.frames else None
        self.outlet = Recorder()
        self.client = hub.open(self.outlet, self.topics, after)

    def go(self, hub: Hub) -> None:
        if self.outlet is not None:
            hub.close(self.client)
            self.frames += self.outlet.frames
            self.outlet = None

    @property
    def place(self) -> int:
        frames = self.outlet.frames if self.outlet else []
        return int((frames or self.frames or [{"seq": -1}])[-1]["seq"])


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=5, max_size=60), st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_each_event_is_told_once_or_is_in_a_gap(
    script: list[tuple[str, int, str]], pauses: list[int]
) -> None:
    asyncio.run(play(script, pauses))


async def play(script: list[Step], pauses: list[int]) -> None:
    turn = iter(pauses * 10_000)
    stream = ToldStream(last=5, turns=lambda: next(turn))
    people = [Person(topics) for topics in TOPICS]
    everything: dict[int, str] = {kept.seq: kept.topic for kept in stream.events}
    hub = a_hub(stream)
    for action, number, topic in script:
        if action == "turns":
            await turns(number)
        elif action == "restart":
            for person in people:
                person.go(hub)
            await hub.stop()
            hub = a_hub(stream)
        elif action in {"publish", "expire", "hold", "let go"}:
            happen(stream, action, number, topic, everything)
        else:
            act(people[number], action, hub)
        await turns(next(turn) // 3)
    await settle(people, hub, stream)
    for person in people:
        check(person, everything)
    await hub.stop()


def happen(stream: ToldStream, action: str, number: int, topic: str, everything: dict[int, str]) -> None:
    match action:
        case "publish":
            for _ in range(number):
                stream.publish(topic)
                everything[stream.last] = topic
        case "expire":
            stream.expire(upto=stream.last - number)
        case "hold":
            stream.hold()
        case _:
            stream.let_go()


def a_hub(stream: ToldStream) -> Hub:
    hub = Hub(stream.follow, stream.read, capacity=4, history=6)
    hub.start()
    return hub


def act(person: Person, action: str, hub: Hub) -> None:
    match action:
        case "come":
            person.come(hub)
        case "go":
            person.go(hub)
        case "stall" if person.outlet:
            person.outlet.is_writable = False
        case "drain" if person.outlet:
            person.outlet.drain()


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def settle(people: list[Person], hub: Hub, stream: ToldStream) -> None:
    """Everybody comes back and reads until they have all there is."""
    stream.let_go()
    for topic in ("messages", "ingestion"):
        stream.publish(topic)
    for person in people:
        person.come(hub)
    await until(lambda: all(is_served(person, hub, stream) for person in people))
    for person in people:
        person.go(hub)


def is_served(person: Person, hub: Hub, stream: ToldStream) -> bool:
    assert person.outlet is not None
    if person.outlet.is_ended:
        person.come(hub)
        return False
    newest = max((kept.seq for kept in stream.events if kept.topic in person.topics), default=0)
    return bool(person.outlet.frames) and person.place >= newest


async def until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "not everybody was served within 10 s"
        await asyncio.sleep(0.001)


def check(person: Person, everything: dict[int, str]) -> None:
    """Each event since the first frame: told once, in order, or between the ends of a gap."""
    begun = person.frames[0]["seq"]
    told, hidden = [], set()
    for frame in person.frames:
        if frame["type"] == "gap":
            since = int(frame["data"]["from"].partition(":")[2])
            hidden |= set(range(since + 1, frame["seq"] + 1))
        elif frame["type"] not in {"hello", "position"}:
            told.append(frame["seq"])
    # The last two are published at the very end: a client that was served has those of its topics.
    wanted = [
        seq
        for seq, topic in everything.items()
        if topic in person.topics and seq > begun and seq not in hidden
    ]
    assert told[: len(wanted)] == wanted
    assert all(seq not in everything for seq in told[len(wanted) :])
