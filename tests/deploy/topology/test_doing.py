"""What services do on NATS beside their queues, done by their own code under their own permissions."""

import asyncio
import io
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from dramatiq import Message

from deploy.topology.services import WORKERS
from dramatiq_nats import (
    NatsBroker,
    NatsRateLimiterBackend,
    pause_queue,
    queue_stats,
    resume_queue,
)
from services.gateway.changes import tell_change
from services.gateway.counters import Counters
from services.gateway.keys import ApiKey
from services.gateway.tickets import make_ticket, read_ticket, use_ticket
from shared.messaging.avatars import delete_avatar, fetch_avatar, store_avatar
from shared.messaging.connection import bind_nats, close_connection, connection
from shared.messaging.events import Position, ensure_event_stream, stream_state
from shared.messaging.history import Page, read_events
from shared.messaging.tasks import get_task, mark_enqueued
from shared.messaging.uploads import delete_upload, fetch_upload, store_upload
from shared.messaging.workers import WorkerRecord, forget_worker, list_workers, put_worker
from shared.service.streams import make_streams
from tests.deploy.topology.known_server import KnownServer, running_known_server

PICTURE = os.urandom(300_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KnownServer]:
    with running_known_server(tmp_path) as known:
        yield known
        assert known.refusals() == []


def do_as(server: KnownServer, service: str, *works: Callable[[], Awaitable[object]]) -> list[object]:
    """Do something on a connection of a service; returns what came of it."""

    async def scenario() -> list[object]:
        bind_nats(server.url, access=server.access(service))
        try:
            return [await work() for work in works]
        finally:
            await close_connection()

    return asyncio.run(scenario())


def test_pictures_and_uploads_pass_between_ingestion_and_the_gateway(
    server: KnownServer, tmp_path: Path
) -> None:
    file = tmp_path / "upload"
    do_as(server, "ingestion", lambda: store_avatar("7", PICTURE))
    found = do_as(
        server,
        "gateway",
        lambda: fetch_avatar("7"),
        lambda: store_upload("export", io.BytesIO(PICTURE)),
    )
    assert found == [PICTURE, len(PICTURE)]
    fetched = do_as(
        server,
        "ingestion",
        lambda: fetch_upload("export", file),
        lambda: delete_upload("export"),
        lambda: delete_avatar("7"),
    )
    assert fetched[0] is True
    assert file.read_bytes() == PICTURE
    assert do_as(server, "gateway", lambda: fetch_avatar("7"), lambda: delete_upload("export"))[0] is None


def test_every_worker_makes_streams_and_says_what_it_does(server: KnownServer) -> None:
    for worker in WORKERS:
        record = WorkerRecord(
            service=worker.name,
            host="here",
            pid=1,
            started_at=datetime.now(UTC),
            beat_at=datetime.now(UTC),
            threads=1,
            queues=[worker.name],
            running=[],
        )
        do_as(
            server,
            worker.name,
            make_streams,
            lambda worker=worker: mark_enqueued(worker.name, actor="actor", queue=worker.name),  # type: ignore[misc]
            lambda record=record: put_worker(record),  # type: ignore[misc]
        )
    listed, task = do_as(server, "gateway", list_workers, lambda: get_task("scoring"))
    assert [record.service for record in listed] == sorted(worker.name for worker in WORKERS)  # type: ignore[attr-defined]
    assert task is not None
    do_as(server, record.service, lambda: forget_worker(record))


def test_the_gateway_reads_events_and_agrees_with_its_replicas(server: KnownServer) -> None:
    counters = Counters("requests")
    key = ApiKey(uuid4(), "somebody", b"hash", frozenset({"read"}))
    ticket = read_ticket(make_ticket(key, datetime.now(UTC)))
    assert ticket is not None

    async def read() -> object:
        await ensure_event_stream()
        state = await stream_state((await connection()).jetstream())
        return await read_events(Position(state.epoch, 0), {"tasks"}, 10)

    async def count() -> int:
        counters.add("somebody", 60.0)
        await counters.tell()
        return counters.total("somebody", 60.0)

    async def use() -> bool:
        return await use_ticket(ticket)

    page, counted, first, second, _ = do_as(server, "gateway", read, count, use, use, tell_change)
    assert page == Page([], 0)
    assert (counted, first, second) == (1, True, False)


def test_figures_and_pauses_of_queues_and_places_of_providers(
    server: KnownServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where tens of thousands of messages are delayed, which are then counted by consumers.
    monkeypatch.setattr("dramatiq_nats.stats._FEW_SUBJECTS", 0)
    access = server.access("knowledge").options()
    broker = NatsBroker(servers=server.url, namespace="tt", **access)
    limits = NatsRateLimiterBackend(servers=server.url, namespace="tt", **access)
    try:
        broker.declare_queue("knowledge")
        consumer = broker.consume("knowledge")
        broker.enqueue(Message("knowledge", "actor", (), {}, {}), delay=3_600_000)
        assert limits.add("llm-x", 1, 60_000)

        async def figures() -> list[int]:
            js = (await connection()).jetstream()
            return [each.delayed for each in await queue_stats(js, "tt") if each.queue == "knowledge"]

        async def hold_and_go_on() -> None:
            js = (await connection()).jetstream()
            await pause_queue(js, "tt", "knowledge")
            await resume_queue(js, "tt", "knowledge")

        for service in ("scoring", "gateway"):
            assert do_as(server, service, figures) == [[1]]
        do_as(server, "gateway", hold_and_go_on)
        consumer.close()
    finally:
        limits.close()
        broker.close()
