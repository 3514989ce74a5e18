"""The server goes away, comes back, loses its streams: nothing that was confirmed is lost."""

import threading
import time
from collections.abc import Callable

import dramatiq
import pytest
from dramatiq import Message, Worker
from dramatiq.errors import BrokerConnectionError
from dramatiq.results import Results
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker, NatsResults, dead_letter_stream, stream_name

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]


def message(number: int = 0) -> "Message[None]":
    return Message(queue_name="default", actor_name="act", args=(number,), kwargs={}, options={})


def test_killed_server_loses_nothing_while_enqueueing_and_working(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=own_server.url, ack_wait=5.0)
    done: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        done.append(number)

    run_worker(broker, threads=4)

    def send() -> None:
        for number in range(600):
            broker.enqueue(act.message(number))

    sender = threading.Thread(target=send)
    sender.start()
    for count in (100, 300):
        eventually(lambda count=count: len(done) > count, 20)  # type: ignore[misc]
        own_server.kill()
        own_server.start()
    sender.join()
    broker.join("default", timeout=20_000)
    assert set(done) == set(range(600))


def test_enqueue_waits_for_a_server_that_comes_back(own_server: Server, make_broker: MakeBroker) -> None:
    broker = make_broker(servers=own_server.url)
    broker.enqueue(message())
    own_server.kill()
    back = threading.Timer(0.5, own_server.start)
    back.start()
    broker.enqueue(message())
    back.join()
    assert broker.get_queue_message_counts("default")[0] == 2


def test_broker_made_before_its_server_connects_when_it_comes(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    own_server.kill()
    broker = make_broker(servers=own_server.url)
    done: list[int] = []

    @dramatiq.actor
    def act() -> None:
        done.append(1)

    run_worker(broker)
    back = threading.Timer(0.5, own_server.start)
    back.start()
    act.send()
    broker.join("default", timeout=10_000)
    back.join()
    assert done == [1]


def test_delayed_messages_and_dead_letters_survive_a_killed_server(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=own_server.url)
    done: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        done.append(number)

    @dramatiq.actor(max_retries=0, queue_name="other")
    def fails() -> None:
        raise RuntimeError

    worker = run_worker(broker)
    fails.send()
    broker.join("other", timeout=10_000)
    worker.stop()
    for number, delay in enumerate((300, 1_500)):
        act.send_with_options(args=(number,), delay=delay)
    own_server.kill()
    own_server.start()
    run_worker(broker)
    broker.join("default", timeout=15_000)
    assert done == [0, 1]
    assert len(broker.dead_letters) == 1


def test_message_that_runs_while_the_server_is_away_is_settled_after(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=own_server.url, ack_wait=2.0)
    started, go = threading.Event(), threading.Event()
    done: list[int] = []

    @dramatiq.actor
    def act() -> None:
        started.set()
        go.wait(10)
        done.append(1)

    run_worker(broker)
    act.send()
    assert started.wait(10)
    own_server.kill()
    go.set()
    eventually(lambda: done)
    own_server.start()
    broker.join("default", timeout=15_000)
    assert done == [1]


def test_deleted_streams_and_consumers_are_made_again(broker: NatsBroker, run_worker: RunWorker) -> None:
    done: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        done.append(number)

    @dramatiq.actor(max_retries=0)
    def fails() -> None:
        raise RuntimeError

    run_worker(broker)
    act.send(1)
    broker.join("default", timeout=10_000)
    js = broker.connection.js
    broker.connection.call(lambda: js.delete_consumer(stream_name(broker.namespace), "default"), 10)
    act.send(2)
    broker.join("default", timeout=15_000)
    for stream in (stream_name(broker.namespace), dead_letter_stream(broker.namespace)):
        broker.connection.call(lambda stream=stream: js.delete_stream(stream), 10)  # type: ignore[misc]
    act.send(3)
    fails.send()
    broker.join("default", timeout=15_000)
    assert done == [1, 2, 3]
    assert len(broker.dead_letters) == 1


def test_blocking_get_outlives_a_killed_server(own_server: Server, make_broker: MakeBroker) -> None:
    broker = make_broker(servers=own_server.url)
    backend = NatsResults(broker)
    broker.add_middleware(Results(backend=backend))
    other = NatsResults(servers=own_server.url)
    heard: list[object] = []
    sent = message()
    waiting = threading.Thread(
        target=lambda: heard.append(backend.get_result(sent, block=True, timeout=15_000))
    )
    waiting.start()
    eventually(lambda: backend._waiting._waiting)
    own_server.kill()
    own_server.start()
    other.store_result(sent, 7, 60_000)
    waiting.join()
    other.close()
    assert heard == [7]


def test_server_that_stays_away_is_reported_and_the_broker_goes_on(
    own_server: Server, make_broker: MakeBroker
) -> None:
    broker = make_broker(servers=own_server.url, publish_timeout=0.5)
    broker.enqueue(message())
    own_server.kill()
    began = time.monotonic()
    with pytest.raises(BrokerConnectionError):
        broker.enqueue(message())
    assert time.monotonic() - began < 3
    own_server.start()
    eventually(lambda: broker.connection.ready)
    broker.enqueue(message())
