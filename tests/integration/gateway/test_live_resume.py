"""A client that was away comes back with its position and is told what it missed, once, or of a gap."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.sockets import SocketProtocol
from shared.contracts.ingestion import MessageUpdated
from shared.messaging.connection import connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import event_stream
from tests.integration.gateway.answering import a_message
from tests.integration.gateway.listening import (
    frame,
    listening,
    number,
    position,
    raw_listening,
    scored,
)
from tests.integration.gateway.processes import running_gateway
from tests.integration.gateway.stage import KEY, Stage, wait_for

HISTORY = 50


@pytest.fixture
def own(stage: Stage) -> Iterator[Stage]:
    """The stage, with a short memory."""
    ring = stage.app.state.hub._ring
    usual, ring._most = ring._most, HISTORY
    yield stage
    ring._most = usual


def frames_after(stage: Stage, after: str, count: int, query: str = "") -> list[dict[str, Any]]:
    """The first frame and so many more."""
    with raw_listening(stage, f"?after={after}{query}") as client:
        return [frame(client) for _ in range(count + 1)]


def now(stage: Stage) -> str:
    with raw_listening(stage) as client:
        return position(frame(client))


@pytest.mark.parametrize("missed", [10, HISTORY * 12], ids=["from memory", "from the stream"])
def test_what_was_missed_comes_once_then_what_is_new(own: Stage, missed: int) -> None:
    with listening(own) as client:
        own.publish(scored(0))
        reached = position(frame(client))
    own.publish(*[scored(index) for index in range(1, missed + 1)])

    with raw_listening(own, f"?after={reached}") as client:
        hello = frame(client)
        own.publish(scored(missed + 1))
        frames = [frame(client) for _ in range(missed + 1)]
    assert (hello["type"], hello["data"]["resumed"], position(hello)) == ("hello", True, reached)
    assert [number(found) for found in frames] == list(range(1, missed + 2))


def test_only_its_topics_are_replayed(own: Stage) -> None:
    reached = now(own)
    own.publish(
        *[scored(1)] * HISTORY * 2,
        MessageUpdated(message=a_message(7), is_new=True),
        *[scored(2)] * HISTORY * 2,
    )

    with raw_listening(own, f"?after={reached}&topics=ingestion") as client:
        quiet = frame(client)
        own.publish(scored(3))
    assert quiet["type"] == "hello"
    frames = frames_after(own, reached, HISTORY * 4 + 2)
    assert [found["type"] for found in frames[1:]].count("message.updated") == 1


def test_position_from_hello_is_one_to_come_back_with(own: Stage) -> None:
    reached = now(own)
    own.publish(scored(41), scored(42))

    assert [number(found) for found in frames_after(own, reached, 2)[1:]] == [41, 42]


def test_what_has_expired_is_a_gap_then_what_is_new(own: Stage) -> None:
    with listening(own) as client:
        own.publish(*[scored(1)] * (HISTORY + 10))
        reached = position(frame(client))
        last = [frame(client) for _ in range(HISTORY + 9)][-1]

    async def expire() -> None:
        js = (await connection()).jetstream()
        await js.purge_stream(event_stream(own.namespace), keep=5)

    own.run(expire())
    with raw_listening(own, f"?after={reached}") as client:
        gap = frame(client)
        own.publish(scored(2))
        assert number(frame(client)) == 2
    assert (gap["type"], gap["run_id"]) == ("gap", None)
    assert gap["data"] == {"reason": "expired", "from": reached}
    assert position(gap) == position(last)


def test_stream_made_anew_is_a_gap_for_who_is_there_and_who_comes_back(own: Stage) -> None:
    async def replace() -> None:
        js = (await connection()).jetstream()
        await js.delete_stream(event_stream(own.namespace))
        await ensure_event_stream()

    with listening(own) as client:
        own.publish(scored(1))
        reached = position(frame(client))
        own.run(replace())
        own.publish(scored(2))
        gap, new = frame(client), frame(client)
    assert (gap["type"], gap["data"]) == ("gap", {"reason": "replaced", "from": reached})
    assert (gap["seq"], new["seq"], number(new)) == (0, 1, 2)
    assert gap["epoch"] == new["epoch"] != reached.partition(":")[0]
    again = frames_after(own, reached, 0)[0]
    assert (again["type"], again["data"]["reason"], position(again)) == ("gap", "replaced", position(new))


def test_slow_client_is_let_go_and_comes_back_without_loss(
    own: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SocketProtocol, "stuck_seconds", 1.0)
    big = MessageUpdated(message=a_message(1, text="щ" * 4000), is_new=True)
    hub = own.app.state.hub
    reached = now(own)
    sent = 0
    with slow_client(own, reached):
        wait_for(lambda: hub.clients == 1, "it is served")
        deadline = time.monotonic() + 20
        while hub.clients:
            assert time.monotonic() < deadline, f"the slow client was never let go: {sent}"
            own.publish(*[big] * 10)
            sent += 10

    frames = frames_after(own, reached, sent)
    seqs = [found["seq"] for found in frames]
    assert seqs == list(range(seqs[0], seqs[0] + sent + 1))


def slow_client(stage: Stage, after: str) -> socket.socket:
    """A client that shakes hands and never reads again."""
    host, port = stage.url.removeprefix("http://").split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET /ws?after={after} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {KEY}\r\n\r\n".encode()
    )
    return raw


def test_position_of_one_replica_is_good_on_another(stage: Stage, tmp_path: Path) -> None:
    with running_gateway(tmp_path / "log", stage=stage) as replica:
        with listening(stage) as here, replica.connect() as there:
            assert frame(there)["type"] == "hello"
            stage.publish(scored(1), scored(2))
            first = [frame(here), frame(here)]
            assert [frame(there), frame(there)] == first
        stage.publish(scored(3))
        with replica.connect(f"?after={position(first[0])}") as there:
            assert frame(there)["data"]["resumed"] is True
            assert [number(frame(there)), number(frame(there))] == [2, 3]
