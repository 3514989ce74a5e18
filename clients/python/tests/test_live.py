"""The follower comes back where it was, tells of gaps, and gives up only where coming back is no use."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tasktracker import Forbidden, Invalid, Problem, Unauthorized, UnexpectedAnswer, Unreachable, live
from tasktracker.live import Event, Gap, follow

KEY = "tt_a-key"
EPOCH = "20260301T093000123456"
Script = Callable[[ServerConnection], Awaitable[None]]


def frame(kind: str, seq: int, *, epoch: str = EPOCH, **data: object) -> str:
    return json.dumps(
        {
            "type": kind,
            "data": data,
            "seq": seq,
            "epoch": epoch,
            "at": "2026-03-01T10:00:00.5Z",
            "run_id": None,
        }
    )


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_FIRST_PAUSE", 0.0)


@asynccontextmanager
async def telling(*scripts: Script) -> AsyncIterator[tuple[str, list[dict[str, list[str]]]]]:
    """A server that does with each connection what the next script says; with its address and the queries."""
    queries: list[dict[str, list[str]]] = []
    waiting = list(scripts)

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        assert connection.request.headers["Authorization"] == f"Bearer {KEY}"
        queries.append(parse_qs(urlsplit(connection.request.path).query))
        await waiting.pop(0)(connection)

    async with serve(handle, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", queries


def sending(*frames: str, close: int = 1000, reason: str = "") -> Script:
    async def script(connection: ServerConnection) -> None:
        for each in frames:
            await connection.send(each)
        await connection.close(close, reason)

    return script


async def cut(connection: ServerConnection) -> None:
    connection.transport.abort()


async def heard(url: str, count: int, **more: object) -> list[Event | Gap]:
    found: list[Event | Gap] = []
    async with asyncio.timeout(10), aclosing(follow(url, KEY, **more)) as events:  # type: ignore[arg-type]
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
    return found


async def test_it_comes_back_with_its_position_and_tells_nothing_twice() -> None:
    async with telling(
        sending(frame("hello", 4), frame("message_scored", 5, score=1), close=1012),
        cut,
        sending(frame("hello", 5), frame("message_scored", 5), frame("message_scored", 9)),
    ) as (url, queries):
        events = await heard(url, 2, topics=["messages", "knowledge"])
    assert [event.position for event in events] == [f"{EPOCH}:5", f"{EPOCH}:9"]
    assert "after" not in queries[0]
    assert [query["after"] for query in queries[1:]] == [[f"{EPOCH}:5"], [f"{EPOCH}:5"]]
    assert {query["topics"][0] for query in queries} == {"messages,knowledge"}


async def test_a_position_frame_moves_it_on_in_silence() -> None:
    async with telling(
        sending(frame("hello", 4), frame("position", 80), close=1013),
        sending(frame("message_scored", 81)),
    ) as (url, queries):
        (event,) = await heard(url, 1, after=f"{EPOCH}:3")
    assert isinstance(event, Event)
    assert [query["after"] for query in queries] == [[f"{EPOCH}:3"], [f"{EPOCH}:80"]]


async def test_a_gap_is_told_and_its_position_taken_even_backwards() -> None:
    script = sending(
        frame("gap", 2, epoch="B", **{"reason": "replaced", "from": f"{EPOCH}:90"}),
        frame("batch_scored", 3, epoch="B"),
    )
    async with telling(script) as (url, _):
        gap, event = await heard(url, 2, after=f"{EPOCH}:90")
    assert gap == Gap(reason="replaced", after=f"{EPOCH}:90", position="B:2")
    assert event.position == "B:3"


@pytest.mark.parametrize(("code", "kind"), [(4400, Invalid), (4401, Unauthorized), (4403, Forbidden)])
async def test_a_refusal_ends_it_with_its_reason(code: int, kind: type[Problem]) -> None:
    async with telling(sending(close=code, reason="There is no topic 'x'.")) as (url, _):
        with pytest.raises(kind, match="There is no topic 'x'"):
            await heard(url, 1)


async def test_a_server_that_was_never_there_is_said_to_be_away() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            await heard(f"http://127.0.0.1:{probe.getsockname()[1]}", 1)


@pytest.mark.parametrize("text", ["", "[]", '{"type": "x"}', '{"type": "gap", "data": {}, "seq": 1}'])
async def test_a_frame_that_is_none_is_said_to_be_none(text: str) -> None:
    async with telling(sending(text)) as (url, _):
        with pytest.raises(UnexpectedAnswer, match="frame"):
            await heard(url, 1)
