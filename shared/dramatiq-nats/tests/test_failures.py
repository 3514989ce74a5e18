"""The rows of the failure guide that no other test tries."""

import gc
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Worker
from dramatiq.errors import BrokerConnectionError, BrokerError
from nats_server import Server, eventually
from worker_processes import Workers

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend

RunWorker = Callable[..., Worker]
MakeBroker = Callable[..., NatsBroker]


@pytest.fixture
def small_server(tmp_path: Path) -> Iterator[Server]:
    """A server that may store 2 MB and no more, as one with a full disk."""
    server = Server(tmp_path, limits="max_file_store: 2MB")
    server.start()
    yield server
    server.kill()


def test_full_disk_is_raised_and_nothing_confirmed_is_lost(
    small_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=small_server.url, publish_timeout=2)
    ran: list[int] = []

    @dramatiq.actor(broker=broker)
    def keep(number: int, text: str) -> None:
        del text
        ran.append(number)

    confirmed: list[int] = []

    def fill() -> None:
        for number in range(100):
            keep.send(number, "x" * 100_000)
            confirmed.append(number)

    with pytest.raises(BrokerError):
        fill()
    assert 5 < len(confirmed) < 25
    run_worker(broker)
    eventually(lambda: set(ran) >= set(confirmed), 20)
    # With room again, what was refused can be sent.
    eventually(lambda: keep.send(200, "small"))
    eventually(lambda: 200 in ran)


# nats-py leaves the sockets on which it was refused to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_credentials_that_expire_and_are_renewed(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=own_server.url, publish_timeout=2)
    ran: list[int] = []
    actor = dramatiq.actor(broker=broker, actor_name="note")(ran.append)
    run_worker(broker)
    actor.send(1)
    eventually(lambda: ran == [1])
    own_server.set_password("another")
    eventually(lambda: not broker.connection.ready)
    with pytest.raises(BrokerConnectionError, match=r"(?i)authorization"):
        actor.send(2)
    own_server.set_password("secret")
    eventually(lambda: broker.connection.ready, 40)
    actor.send(3)
    eventually(lambda: 3 in ran)
    gc.collect()


@pytest.mark.parametrize("off", [timedelta(hours=-1), timedelta(hours=1)])
def test_clock_that_is_off_shifts_delays_and_nothing_else(
    broker: NatsBroker, run_worker: RunWorker, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    """A delay is a time on the enqueuing machine's clock, kept by the server's."""
    ran: list[int] = []
    actor = dramatiq.actor(broker=broker, actor_name="note", max_retries=0)(ran.append)
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + off.total_seconds())
    monkeypatch.setattr("dramatiq_nats.sending.current_millis", lambda: int(time.time() * 1000))
    actor.send_with_options(args=(1,), delay=60_000)
    actor.send(2)
    run_worker(broker)
    eventually(lambda: 2 in ran)
    if off < timedelta(0):
        # Due long ago for the server.
        eventually(lambda: 1 in ran)
    else:
        assert [queue.delayed for queue in broker.queue_stats()] == [1]


def test_worker_that_hangs_loses_its_messages_to_another(
    server: Server, namespace: str, tmp_path: Path, make_broker: MakeBroker
) -> None:
    """Stopped as a whole, heartbeats and all, as on a machine that swaps or a container that is frozen."""
    workers = Workers(server.url, namespace, tmp_path)
    broker = make_broker(servers=server.url, namespace=namespace)
    slow = dramatiq.actor(broker=broker, actor_name="slow")(print)
    try:
        frozen = workers.start()
        slow.send(1, 1.0)
        eventually(lambda: "began 1" in workers.said(), 20)
        workers.signal(frozen, signal.SIGSTOP)
        workers.start()
        eventually(lambda: "done 1" in workers.said(), 30)
        workers.signal(frozen, signal.SIGCONT)
        broker.join("default", timeout=20_000)
        assert broker.list_dead_letters() == []
    finally:
        workers.stop()


def test_server_without_jetstream_is_told_with_what_to_do(tmp_path: Path, make_broker: MakeBroker) -> None:
    server = Server(tmp_path, template="host: 127.0.0.1\nport: {port}\n")
    server.start()
    broker = make_broker(servers=f"nats://127.0.0.1:{server.port}", publish_timeout=1)
    limits = NatsRateLimiterBackend(broker)
    actor = dramatiq.actor(broker=broker, actor_name="act", unique_for=1_000)(print)
    calls: list[Callable[[], object]] = [
        lambda: broker.enqueue(actor.message_with_options(unique_for=None)),
        broker.queue_stats,
        broker.list_dead_letters,
        lambda: broker.flush("default"),
        lambda: broker.join("default", timeout=1_000),
        actor.send,
        lambda: limits.add("key", 1, 1_000),
    ]
    for call in calls:
        with pytest.raises(BrokerConnectionError, match=r"JetStream does not answer|503"):
            call()
    server.kill()


def test_full_disk_is_named_when_enqueue_gives_up(small_server: Server, make_broker: MakeBroker) -> None:
    broker = make_broker(servers=small_server.url, publish_timeout=2)
    actor = dramatiq.actor(broker=broker, actor_name="act")(print)

    def fill() -> None:
        for _ in range(40):
            actor.send("x" * 100_000)

    with pytest.raises(BrokerConnectionError, match="insufficient resources"):
        fill()
