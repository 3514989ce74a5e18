"""The WebSocket: what happens, as it happens; a client that is slow or gone harms nobody."""

import socket
import struct
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from services.gateway.routes.work_examples import RUN
from services.gateway.sockets import SocketProtocol
from shared.contracts.base import Event
from shared.contracts.experiments import ExperimentProgress
from shared.contracts.ingestion import IngestionProgress, IngestionStarted, JobRecord, MessageUpdated
from shared.contracts.runs import BatchCompleted, RunCompleted
from shared.messaging.transaction import transaction
from shared.telemetry import start_run
from tests.integration.gateway.answering import BEGAN, a_message
from tests.integration.gateway.listening import frame, listening, number, scored
from tests.integration.gateway.stage import KEY, Stage, wait_for


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
    with listening(stage, "?topics=messages") as client:
        stage.publish(MessageUpdated(message=a_message(7), is_new=True))
        found = frame(client)

    assert set(found) == {"type", "data", "seq", "epoch", "at", "run_id"}
    assert found["type"] == "message.updated"
    assert found["data"]["message"]["text"] == "Повідомлення 7"
    assert found["seq"] >= 1
    assert datetime.now(UTC) - datetime.fromisoformat(found["at"]) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("topic", "event", "kind"),
    [
        (
            "analysis",
            BatchCompleted(run_id=RUN.id, batch=3, batches_done=3, batches_total=9, proposal_ids=[uuid4()]),
            "analysis.batch_completed",
        ),
        ("analysis", RunCompleted(run=RUN), "analysis.run_completed"),
        (
            "experiments",
            ExperimentProgress(experiment_id=RUN.id, messages_done=10, messages_total=60),
            "experiment_progress",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_runs_and_experiments_have_topics_of_their_own(
    stage: Stage, topic: str, event: Event, kind: str
) -> None:
    with listening(stage, f"?topics={topic}") as client:
        stage.publish(scored(1), event)
        found = frame(client)

    assert found["type"] == kind
    assert found["data"] == msgspec.to_builtins(event)


def test_frames_come_in_order_with_the_run_they_belong_to(stage: Stage) -> None:
    run_id = uuid4()

    async def publish() -> None:
        with start_run("test", run_id):
            async with transaction() as tx:
                for index in range(50):
                    tx.publish(scored(index))

    with listening(stage) as client:
        stage.run(publish())
        frames = [frame(client) for _ in range(50)]

    assert [number(found) for found in frames] == list(range(50))
    assert [found["seq"] for found in frames] == sorted({found["seq"] for found in frames})
    assert {found["run_id"] for found in frames} == {str(run_id)}


def test_only_the_topics_that_were_asked_for(stage: Stage) -> None:
    with (
        listening(stage, "?topics=ingestion") as ingestion,
        listening(stage, "?topics=messages,ingestion") as both,
    ):
        stage.publish(scored(1), IngestionStarted(job=progress(1).job))
        assert frame(ingestion)["type"] == "ingestion.started"
        assert [frame(both)["type"] for _ in range(2)] == ["message_scored", "ingestion.started"]


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
    with listening(stage, max_size=None) as quick, slow_client(stage) as slow:
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
    with listening(stage) as client:
        for _ in range(100):
            client.send("hello")
        stage.publish(scored(9))
        assert number(frame(client)) == 9
