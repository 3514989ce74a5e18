"""The WebSocket: what happens, as it happens; a client that is slow or gone harms nobody."""

import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from services.gateway.keys import ApiKey, hash_key, make_ticket
from services.gateway.sockets import SocketProtocol
from shared.contracts.ingestion import IngestionProgress, IngestionStarted, JobRecord, MessageUpdated
from shared.contracts.scoring import MessageScored, ScoredMessage
from shared.messaging.transaction import transaction
from shared.telemetry import start_run
from tests.integration.gateway.answering import BEGAN, a_message
from tests.integration.gateway.stage import DEADLINE, KEY, Stage, wait_for

BEARER = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def following(
    stage: Stage, query: str = "", *, headers: dict[str, str] | None = BEARER, **more: Any
) -> Iterator[ClientConnection]:
    """A client whose mailbox is open."""
    before = stage.app.state.hub.clients
    with connect(stage.socket_url + query, additional_headers=headers, **more) as client:
        wait_for(lambda: stage.app.state.hub.clients > before or client.close_code, "the socket is served")
        yield client
    wait_for(lambda: stage.app.state.hub.clients <= before, "the mailbox is closed")


def frame(client: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.recv(timeout=DEADLINE))
    return found


def scored(number: int) -> MessageScored:
    return MessageScored(score=ScoredMessage(message_id=number, importance_score=0.8, message_class="signal"))


def progress(batch: int) -> IngestionProgress:
    return IngestionProgress(
        job=JobRecord(
            id=uuid4(),
            kind="export",
            status="running",
            source_name="a.json",
            created_at=BEGAN,
            current_batch=batch,
        )
    )


def test_frame_has_what_the_event_says(stage: Stage) -> None:
    with following(stage, "?topics=messages") as client:
        stage.publish(MessageUpdated(message=a_message(7), is_new=True))
        found = frame(client)

    assert set(found) == {"type", "data", "seq", "epoch", "at", "run_id"}
    assert found["type"] == "message.updated"
    assert found["data"]["message"]["text"] == "Повідомлення 7"
    assert found["seq"] >= 1
    assert datetime.now(UTC) - datetime.fromisoformat(found["at"]) < timedelta(minutes=5)


def test_frames_come_in_order_with_the_run_they_belong_to(stage: Stage) -> None:
    run_id = uuid4()

    async def publish() -> None:
        with start_run("test", run_id):
            async with transaction() as tx:
                for number in range(50):
                    tx.publish(scored(number))

    with following(stage) as client:
        stage.run(publish())
        frames = [frame(client) for _ in range(50)]

    assert [found["data"]["score"]["message_id"] for found in frames] == list(range(50))
    assert [found["seq"] for found in frames] == sorted({found["seq"] for found in frames})
    assert {found["run_id"] for found in frames} == {str(run_id)}


def test_only_the_topics_that_were_asked_for(stage: Stage) -> None:
    with (
        following(stage, "?topics=ingestion") as ingestion,
        following(stage, "?topics=messages,ingestion") as both,
    ):
        stage.publish(scored(1), IngestionStarted(job=progress(1).job))
        assert frame(ingestion)["type"] == "ingestion.started"
        assert [frame(both)["type"] for _ in range(2)] == ["message_scored", "ingestion.started"]


def test_browser_comes_in_by_ticket(stage: Stage, client: httpx.Client) -> None:
    answer = client.post("/api/v1/ws/tickets")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)

    with following(stage, f"?ticket={quote(answer.json()['ticket'])}", headers=None) as socket_:
        stage.publish(scored(3))
        assert frame(socket_)["data"]["score"]["message_id"] == 3


def closing(stage: Stage, query: str, headers: dict[str, str] | None) -> ConnectionClosed:
    with connect(stage.socket_url + query, additional_headers=headers) as client:
        with pytest.raises(ConnectionClosed) as caught:
            client.recv(timeout=DEADLINE)
        return caught.value


def test_unknown_topic_closes_with_the_topics_that_there_are(stage: Stage) -> None:
    closed = closing(stage, "?topics=messages,weather", BEARER).rcvd

    assert closed is not None
    assert closed.code == 4400
    assert "'weather'" in closed.reason
    assert "ingestion, " in closed.reason
    assert "messages" in closed.reason


@pytest.mark.parametrize("kind", ["none", "wrong key", "rubbish", "forged", "expired", "of no key"])
def test_nobody_comes_in_without_a_key(stage: Stage, client: httpx.Client, kind: str) -> None:
    good = client.post("/api/v1/ws/tickets").json()["ticket"]
    key_id, _, _ = good.split(".")
    now = datetime.now(UTC)
    mine = ApiKey(id=uuid4(), name="", key_hash=hash_key(KEY), scopes=frozenset())
    first = ApiKey(id=__import__("uuid").UUID(key_id), name="", key_hash=hash_key(KEY), scopes=frozenset())
    tickets = {
        "rubbish": "a.b",
        "forged": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "expired": make_ticket(first, now - timedelta(seconds=31)),
        "of no key": make_ticket(mine, now),
    }
    query = f"?ticket={tickets[kind]}" if kind in tickets else ""
    closed = closing(stage, query, {"Authorization": "Bearer wrong"} if kind == "wrong key" else None).rcvd

    assert closed is not None
    assert closed.code == 4401
    assert stage.app.state.hub.clients == 0


def slow_client(stage: Stage) -> socket.socket:
    """A client that shakes hands and never reads again, with a receive buffer of a few KiB."""
    host, port = stage.url.removeprefix("http://").split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {KEY}\r\n\r\n".encode()
    )
    return raw


def is_gone(slow: socket.socket) -> bool:
    """Whether the server has given the connection up: writing to it fails, though nothing was ever read."""
    try:
        slow.send(b"x")
    except OSError:
        return True
    return False


def test_slow_client_is_let_go_and_the_others_miss_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SocketProtocol, "stuck_seconds", 1.0)
    big = MessageUpdated(message=a_message(1, text="щ" * 4000), is_new=True)
    hub = stage.app.state.hub
    with following(stage, max_size=None) as quick, slow_client(stage) as slow:
        wait_for(lambda: hub.clients == 2, "both are served")
        sent = 0
        deadline = time.monotonic() + 15
        while hub.clients == 2:
            assert time.monotonic() < deadline, f"the slow client was never let go: {sent}"
            stage.publish(*[big] * 20)
            sent += 20
            for _ in range(20):
                frame(quick)
        assert sent >= 64
        wait_for(lambda: is_gone(slow), "its connection is aborted")


def test_client_that_vanishes_leaves_nothing(stage: Stage) -> None:
    hub = stage.app.state.hub
    for _ in range(5):
        raw = slow_client(stage)
        wait_for(lambda: hub.clients == 1, "it is served")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
        wait_for(lambda: hub.clients == 0, "it is forgotten")


def test_what_a_client_says_is_not_listened_to(stage: Stage) -> None:
    with following(stage) as client:
        for _ in range(100):
            client.send("hello")
        stage.publish(scored(9))
        assert frame(client)["data"]["score"]["message_id"] == 9
