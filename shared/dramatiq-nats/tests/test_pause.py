"""A queue is paused: nothing more is handed out, nothing is lost, and it goes on."""

import asyncio
import dataclasses
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import dramatiq
import nats
import pytest
from dramatiq import Worker
from nats.js import JetStreamContext
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker, QueueStats, consumer_name, pause_queue, resume_queue, stream_name

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]
T = TypeVar("T")


def with_js(server: Server, work: Callable[[JetStreamContext], Awaitable[T]]) -> T:
    async def connected() -> T:
        client = await nats.connect(server.url)
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(connected())


def stats_of(broker: NatsBroker, queue: str = "default") -> QueueStats:
    return {each.queue: each for each in broker.queue_stats()}[queue]


class Gate:
    """An actor that says when it begins and waits until it may end."""

    def __init__(self, broker: NatsBroker, queue: str = "default") -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.open = threading.Event()
        self.actor = dramatiq.actor(broker=broker, actor_name="pass_gate", queue_name=queue)(self._run)

    def _run(self, number: int) -> None:
        self.begun.append(number)
        assert self.open.wait(20)
        self.done.append(number)


@pytest.fixture
def gate(broker: NatsBroker) -> Iterator[Gate]:
    gate = Gate(broker)
    yield gate
    gate.open.set()


def test_what_a_worker_holds_is_run_and_the_rest_waits(
    broker: NatsBroker, gate: Gate, run_worker: RunWorker
) -> None:
    for number in range(10):
        gate.actor.send(number)
    run_worker(broker, threads=1)
    eventually(lambda: stats_of(broker).in_progress == 2)
    broker.pause_queue("default")
    gate.open.set()
    eventually(lambda: gate.done == [0, 1])
    eventually(lambda: (stats_of(broker).ready, stats_of(broker).in_progress) == (8, 0))
    stats = stats_of(broker)
    assert (stats.paused, stats.paused_until) == (True, None)
    broker.resume_queue("default")
    eventually(lambda: sorted(gate.done) == list(range(10)))
    assert not stats_of(broker).paused


def test_messages_come_in_meanwhile_and_delayed_ones_become_ready(
    broker: NatsBroker, gate: Gate, run_worker: RunWorker
) -> None:
    gate.open.set()
    run_worker(broker)
    broker.pause_queue("default")
    gate.actor.send(1)
    gate.actor.send_with_options(args=(2,), delay=300)
    eventually(lambda: stats_of(broker).ready == 2)
    assert gate.begun == []
    broker.resume_queue("default")
    eventually(lambda: sorted(gate.done) == [1, 2])


def test_partitions_are_paused_too_and_keep_their_order(
    broker: NatsBroker, gate: Gate, run_worker: RunWorker
) -> None:
    for number in range(6):
        gate.actor.send_with_options(args=(number,), partition_key="chat")
    run_worker(broker)
    eventually(lambda: gate.begun == [0])
    broker.pause_queue("default")
    gate.open.set()
    eventually(lambda: gate.done == [0])
    eventually(lambda: (stats_of(broker).ready, stats_of(broker).in_line) == (1, 4))
    broker.resume_queue("default")
    eventually(lambda: gate.done == list(range(6)))


def test_pause_ends_by_itself_at_its_time(broker: NatsBroker, gate: Gate, run_worker: RunWorker) -> None:
    gate.open.set()
    run_worker(broker)
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    broker.pause_queue("default", until)
    gate.actor.send(1)
    stats = stats_of(broker)
    assert (stats.paused, stats.paused_until) == (True, until)
    eventually(lambda: gate.done == [1])
    assert datetime.now(UTC) >= until
    assert not stats_of(broker).paused


def test_pause_outlasts_the_server_and_the_worker(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    first = make_broker(servers=own_server.url, ack_wait=20.0)
    gate = Gate(first)
    gate.open.set()
    worker = run_worker(first)
    eventually(lambda: "default" in {each.queue for each in first.queue_stats()})
    first.pause_queue("default")
    gate.actor.send(1)
    worker.stop()
    own_server.kill()
    own_server.start()
    # With another ack_wait, so that it updates the consumer.
    second = make_broker(servers=own_server.url, ack_wait=10.0)
    gate = Gate(second)
    gate.open.set()
    run_worker(second)
    eventually(lambda: ack_wait_of(own_server, "dramatiq") == 10.0)
    assert stats_of(second).paused
    assert (stats_of(second).ready, gate.begun) == (1, [])
    second.resume_queue("default")
    eventually(lambda: gate.done == [1])


def ack_wait_of(server: Server, namespace: str) -> float | None:
    async def ask(js: JetStreamContext) -> float | None:
        info = await js.consumer_info(stream_name(namespace), consumer_name("default"))
        ack_wait: float | None = info.config.ack_wait
        return ack_wait

    return with_js(server, ask)


def test_consumer_that_was_deleted_is_made_again_as_paused(
    server: Server, broker: NatsBroker, gate: Gate, run_worker: RunWorker
) -> None:
    gate.open.set()
    gate.actor.send(1)
    broker.pause_queue("default")

    async def delete(js: JetStreamContext) -> None:
        await js.delete_consumer(stream_name(broker.namespace), consumer_name("default"))

    with_js(server, delete)
    assert not stats_of(broker).paused
    run_worker(broker)
    eventually(lambda: stats_of(broker).paused)
    assert gate.begun == []
    broker.resume_queue("default")
    eventually(lambda: gate.done == [1])


def test_queue_is_paused_before_its_first_worker(
    server: Server, broker: NatsBroker, gate: Gate, run_worker: RunWorker
) -> None:
    gate.open.set()
    gate.actor.send(1)

    async def pause(js: JetStreamContext) -> None:
        await pause_queue(js, broker.namespace, "default")

    with_js(server, pause)
    run_worker(broker)
    eventually(lambda: ack_wait_of(server, broker.namespace) == broker.ack_wait)
    assert stats_of(broker).paused
    assert gate.begun == []

    async def resume(js: JetStreamContext) -> None:
        await resume_queue(js, broker.namespace, "default")

    with_js(server, resume)
    eventually(lambda: gate.done == [1])


def test_resuming_a_queue_that_is_not_paused_does_nothing(broker: NatsBroker, gate: Gate) -> None:
    broker.resume_queue("default")
    gate.actor.send(1)
    broker.resume_queue("default")
    assert dataclasses.astuple(stats_of(broker))[:3] == ("default", 1, 0)


def test_a_time_that_makes_no_sense_is_refused(broker: NatsBroker) -> None:
    for until, text in (
        (datetime(2030, 1, 1), "zone"),  # noqa: DTZ001 - that is what is tested
        (datetime.now(UTC) - timedelta(seconds=1), "future"),
        (datetime(2200, 1, 1, tzinfo=UTC), "before 2200"),
    ):
        with pytest.raises(ValueError, match=text):
            broker.pause_queue("default", until)
