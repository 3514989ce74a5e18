"""A delivery is settled once, kept alive while it runs, handed back or quarantined when it cannot."""

import threading
import time
from collections.abc import Callable

import dramatiq
import pytest
from dramatiq import Message, Worker
from dramatiq.broker import MessageProxy
from nats.js.api import ConsumerConfig
from nats_server import Server, eventually

from dramatiq_nats import (
    NatsBroker,
    QueueStats,
    Reason,
    dead_letter_stream,
    queue_stats,
    stream_name,
    work_subject,
)
from dramatiq_nats.message import NatsMessage

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]


def message(number: int = 0) -> "Message[None]":
    return Message(queue_name="default", actor_name="act", args=(number,), kwargs={}, options={})


def stats(broker: NatsBroker) -> QueueStats:
    found = broker.connection.call(lambda: queue_stats(broker.connection.js, broker.namespace), 10)
    return next(one for one in found if one.queue == "default")


def attempt(received: object) -> int:
    assert isinstance(received, NatsMessage)
    return received.delivery.place.attempt


def test_heartbeats_keep_long_and_waiting_messages_here(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    brokers = [make_broker(servers=server.url, namespace=namespace, ack_wait=1.0) for _ in range(2)]
    runs: list[int] = []

    def act(number: int) -> None:
        time.sleep(1.2)
        runs.append(number)

    for broker in brokers:
        dramatiq.Actor(act, broker=broker, actor_name="act", queue_name="default", priority=0, options={})
        run_worker(broker, threads=1)
    brokers[0].enqueue_many([message(number) for number in range(4)])
    brokers[0].join("default", timeout=20_000)
    assert sorted(runs) == [0, 1, 2, 3]


def test_prefetch_counts_what_is_unsettled(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue_many([message(number) for number in range(10)])
    consumer = broker.consume("default", prefetch=4, timeout=1_000)
    taken = [next(consumer) for _ in range(4)]
    assert all(taken)
    assert stats(broker).in_progress == 4
    consumer._timeout = 0.2  # type: ignore[attr-defined]
    assert next(consumer) is None
    assert taken[0] is not None
    consumer.ack(taken[0])
    consumer._timeout = 5  # type: ignore[attr-defined]
    assert next(consumer) is not None
    consumer.close()


def test_closing_hands_back_at_once_what_was_not_taken(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue_many([message(number) for number in range(5)])
    first = broker.consume("default", prefetch=5, timeout=5_000)
    taken = next(first)
    eventually(lambda: stats(broker).in_progress == 5)
    first.close()
    second = broker.consume("default", prefetch=5, timeout=5_000)
    began = time.monotonic()
    again = [next(second) for _ in range(4)]
    assert sorted(received.args[0] for received in again if received) == [1, 2, 3, 4]
    assert time.monotonic() - began < 5
    assert taken is not None
    second.ack(taken)
    for received in again:
        assert received is not None
        second.ack(received)
    broker.join("default", timeout=5_000)
    second.close()


def test_shutdown_hands_back_what_waits_for_a_thread(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace)
    started, go = threading.Event(), threading.Event()
    runs: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        started.set()
        go.wait(10)
        runs.append(number)

    worker = run_worker(broker, threads=1)
    for number in range(2):
        act.send(number)
    assert started.wait(10)
    eventually(lambda: worker.work_queue.qsize() == 1)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    go.set()
    stopping.join()
    assert runs == [0]
    other = make_broker(servers=server.url, namespace=namespace)
    dramatiq.Actor(act.fn, broker=other, actor_name="act", queue_name="default", priority=0, options={})
    began = time.monotonic()
    run_worker(other)
    other.join("default", timeout=10_000)
    assert runs == [0, 1]
    assert time.monotonic() - began < 5


def test_requeued_messages_go_to_someone_else_at_once(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue(message())
    first = broker.consume("default", timeout=5_000)
    received = next(first)
    assert received is not None
    first.requeue([])
    first.requeue([received])
    second = broker.consume("default", timeout=5_000)
    again = next(second)
    assert again is not None
    assert attempt(again) == 2
    second.ack(again)
    broker.join("default", timeout=5_000)
    first.close()
    second.close()


def test_second_delivery_of_what_was_done_here_is_settled_without_a_run(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue(message())
    consumer = broker.consume("default", timeout=2_000)
    received = next(consumer)
    assert isinstance(received, NatsMessage)
    # As when the acknowledgement is lost: the ledger has it as done, the server gives it out again.
    delivery = received.delivery
    broker.connection.post(delivery.ledger.strike, delivery)
    broker.publish_many([])
    broker.connection.post(broker.connection.write, b"PUB %b 4\r\n-NAK\r\n" % delivery.reply)
    broker.join("default", timeout=5_000)
    consumer._timeout = 0.2  # type: ignore[attr-defined]
    assert next(consumer) is None
    consumer.close()


def test_second_delivery_of_what_runs_here_is_not_run_twice(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue(message())
    consumer = broker.consume("default", prefetch=4, timeout=500)
    received = next(consumer)
    assert isinstance(received, NatsMessage)
    before = received.delivery.reply
    broker.connection.post(broker.connection.write, b"PUB %b 4\r\n-NAK\r\n" % before)
    eventually(lambda: received.delivery.reply != before)
    assert next(consumer) is None
    consumer.ack(received)
    broker.join("default", timeout=5_000)
    consumer.close()


def test_poison_is_quarantined_with_its_reason(
    server: Server, namespace: str, make_broker: MakeBroker
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace, max_deliveries=2)
    broker.declare_queue("default")
    broker.enqueue(message())
    for number in (1, 2):
        consumer = broker.consume("default", timeout=5_000)
        received = next(consumer)
        assert received is not None
        assert attempt(received) == number
        # It begins, and its worker is gone.
        broker.emit_before("process_message", received)
        consumer.requeue([received])
        consumer.close()
    consumer = broker.consume("default", timeout=2_000)
    assert next(consumer) is None
    (letter,) = broker.list_dead_letters()
    assert (letter.reason, letter.actor, letter.attempts) == (Reason.POISON, "act", 2)
    broker.join("default", timeout=5_000)
    consumer.close()


def test_what_was_only_prefetched_is_no_poison(
    server: Server, namespace: str, make_broker: MakeBroker
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace, max_deliveries=2)
    broker.declare_queue("default")
    broker.enqueue(message())
    for number in range(1, 8):
        consumer = broker.consume("default", timeout=5_000)
        received = next(consumer)
        assert received is not None
        assert attempt(received) == number
        consumer.requeue([received])
        consumer.close()
    assert broker.list_dead_letters() == []


def test_what_cannot_be_buried_comes_again(
    broker: NatsBroker, run_worker: RunWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the places of those that cannot are free meanwhile."""
    monkeypatch.setattr("dramatiq_nats.consumer._KEPT_DELAY", 0.5)
    ran: list[int] = []

    @dramatiq.actor(max_retries=0)
    def act(number: int) -> None:
        ran.append(number)
        if number < 0:
            raise ValueError

    async def seal(*, sealed: bool) -> None:
        js = broker.connection.js
        name = dead_letter_stream(broker.namespace)
        present = (await js.stream_info(name)).config
        await js.update_stream(present.evolve(max_msg_size=1 if sealed else -1))

    broker.connection.call(broker.make_streams, 10)
    broker.connection.call(lambda: seal(sealed=True), 10)
    run_worker(broker, threads=2)
    for _ in range(6):
        act.send(-1)
    act.send(7)
    eventually(lambda: 7 in ran)
    broker.connection.call(lambda: seal(sealed=False), 10)
    broker.join("default", timeout=20_000)
    assert len(broker.list_dead_letters()) == 6


@pytest.mark.parametrize(
    "options", ["null", '{"retries": "many"}', '{"periodic_due": null}', '{"partition_key": 1.5}', "[1]"]
)
def test_message_of_the_wrong_shape_is_buried(
    broker: NatsBroker, run_worker: RunWorker, options: str
) -> None:
    ran: list[int] = []

    @dramatiq.actor(interval=3_600_000)
    def act(number: int = 0) -> None:
        ran.append(number)

    body = message().encode().replace(b'"options":{}', b'"options":' + options.encode())
    assert options.encode() in body
    broker.publish(work_subject(broker.namespace, "default"), body, {})
    act.send(1)
    run_worker(broker)
    eventually(lambda: ran == [1])
    eventually(lambda: [letter.reason for letter in broker.list_dead_letters()] == [Reason.UNDECODABLE])


def test_worker_goes_on_after_its_connection_was_closed(broker: NatsBroker, run_worker: RunWorker) -> None:
    ran: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        ran.append(number)

    run_worker(broker)
    act.send(1)
    eventually(lambda: ran == [1])
    broker.close()
    act.send(2)
    eventually(lambda: ran == [1, 2], 20)


def test_closing_while_connecting_leaves_nothing_behind(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    began = time.monotonic()
    for number in range(15):
        consumer = broker.consume("default", timeout=10)
        time.sleep(0.001 * number)
        broker.close()
        consumer.close()
    assert time.monotonic() - began < 12
    broker.enqueue(message(1))
    consumer = broker.consume("default", timeout=5_000)
    assert next(consumer) is not None
    consumer.close()


def test_message_that_was_not_consumed_here_is_left_alone(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    consumer = broker.consume("default", timeout=10)
    consumer.ack(MessageProxy(message()))
    consumer.nack(MessageProxy(message()))
    consumer.close()
    assert broker.dead_letters == []


def test_retries_do_not_count_as_poison(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace, max_deliveries=1)
    runs: list[int] = []

    @dramatiq.actor(min_backoff=1, max_backoff=1)
    def act() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError

    run_worker(broker)
    act.send()
    broker.join("default", timeout=10_000)
    assert len(runs) == 3
    assert broker.list_dead_letters() == []


def test_message_naming_another_queue_runs_where_it_arrived(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    runs: list[int] = []

    @dramatiq.actor
    def act(number: int) -> None:
        runs.append(number)

    broker.enqueue(message(1))
    stray: Message[None] = Message(queue_name="elsewhere", actor_name="act", args=(2,), kwargs={}, options={})
    broker.publish(f"{broker.namespace}.wq.default.q", stray.encode(), {})
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert sorted(runs) == [1, 2]


def test_consumer_that_was_made_otherwise_is_taken_as_it_is(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    """The server lets not every setting of one that exists be changed."""

    async def make() -> None:
        await broker.make_streams()
        subject = work_subject(broker.namespace, "default")
        config = ConsumerConfig(durable_name="default", max_waiting=3, filter_subject=subject)
        await broker.connection.js.add_consumer(stream_name(broker.namespace), config)

    broker.connection.call(make, 10)
    ran: list[int] = []
    dramatiq.actor(broker=broker, actor_name="act")(ran.append).send(1)
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert ran == [1]
