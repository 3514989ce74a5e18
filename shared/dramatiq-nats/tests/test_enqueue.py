"""Enqueueing: lazy, confirmed, from any thread, many at a time."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import dramatiq
import nats
import pytest
from dramatiq import Message, Middleware, Worker
from dramatiq.errors import ConnectionFailed, QueueNotFound
from nats_server import Server

from dramatiq_nats import NatsBroker, PublishRefused, encode_work, ensure_streams, queue_stats, stream_name

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]


def message(number: Any = 0, *, queue: str = "default", **options: Any) -> "Message[Any]":
    return Message(queue_name=queue, actor_name="act", args=(number,), kwargs={}, options=options)


def waiting(broker: NatsBroker, queue: str = "default") -> int:
    found = broker.connection.call(lambda: queue_stats(broker.connection.js, broker.namespace), 10)
    return sum(stats.ready for stats in found if stats.queue == queue)


def test_declaring_actors_and_queues_does_no_io(make_broker: MakeBroker) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        broker = make_broker(servers=f"nats://127.0.0.1:{nobody.getsockname()[1]}")
        seen: list[str] = []

        class Noting(Middleware):
            def before_declare_queue(self, _broker: dramatiq.Broker, queue_name: str) -> None:
                seen.append(f"before {queue_name}")

            def after_declare_queue(self, _broker: dramatiq.Broker, queue_name: str) -> None:
                seen.append(f"after {queue_name}")

        broker.add_middleware(Noting())

        @dramatiq.actor(queue_name="work")
        def act() -> None: ...

        broker.declare_queue("work")
        assert seen == ["before work", "after work"]
        assert broker.queues == broker.get_declared_queues() == {"work"}
        assert broker.get_declared_delay_queues() == set()
        assert not broker.connection.started


def test_unreachable_server_raises_with_its_address_but_no_password(make_broker: MakeBroker) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        broker = make_broker(servers=f"nats://me:hidden@127.0.0.1:{port}", publish_timeout=0.3)
        with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{port}") as caught:
            broker.enqueue(message())
        assert "hidden" not in str(caught.value)


def test_wrong_password_raises_and_says_so(server: Server, make_broker: MakeBroker) -> None:
    broker = make_broker(servers=server.url.replace("secret", "wrong"), publish_timeout=1.0)
    with pytest.raises(ConnectionFailed, match=r"(?i)authorization"):
        broker.enqueue(message())


def test_consuming_an_undeclared_queue_raises(broker: NatsBroker) -> None:
    with pytest.raises(QueueNotFound):
        broker.consume("nowhere")


def test_enqueue_returns_when_stored_and_emits_its_signals(broker: NatsBroker) -> None:
    seen: list[tuple[str, int | None]] = []

    class Noting(Middleware):
        def before_enqueue(self, _broker: Any, _message: Any, delay: int | None) -> None:
            seen.append(("before", delay))

        def after_enqueue(self, _broker: Any, _message: Any, delay: int | None) -> None:
            seen.append(("after", delay))

    broker.add_middleware(Noting())
    sent = message()
    assert broker.enqueue(sent) == sent
    assert waiting(broker) == 1
    assert seen == [("before", None), ("after", None)]


def test_same_message_twice_is_two_jobs(broker: NatsBroker) -> None:
    sent = message()
    broker.enqueue(sent)
    broker.enqueue(sent)
    assert waiting(broker) == 2


def test_threads_enqueue_side_by_side(broker: NatsBroker) -> None:
    threads = [
        threading.Thread(target=lambda: [broker.enqueue(message(n)) for n in range(50)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waiting(broker) == 400


def test_many_are_stored_in_order_beyond_the_window(broker: NatsBroker) -> None:
    assert broker.enqueue_many([]) == []
    sent = broker.enqueue_many(message(n) for n in range(3_000))
    assert len(sent) == 3_000
    assert waiting(broker) == 3_000
    broker.declare_queue("default")
    consumer = broker.consume("default", prefetch=10, timeout=5_000)
    received = [next(consumer) for _ in range(3)]
    assert [message and message.args for message in received] == [(0,), (1,), (2,)]
    consumer.close()


def test_many_are_all_stored_or_none(broker: NatsBroker) -> None:
    messages = [message(number) for number in range(1_000)]
    messages[-1] = message("x" * 2_000_000)
    with pytest.raises(PublishRefused, match="exceeds the limit"):
        broker.enqueue_many(messages)
    assert broker.queue_stats() == []
    broker.enqueue_many(messages[:-1])
    assert waiting(broker) == 999


def test_batch_that_is_said_again_is_stored_once(broker: NatsBroker) -> None:
    batch = [broker._sender._outgoing(message(number), None) for number in range(50)]
    for _ in range(2):
        broker.publisher.publish_together(batch, 10)
    assert waiting(broker) == 50


def test_many_are_stored_one_by_one_where_the_stream_takes_no_batches(broker: NatsBroker) -> None:
    async def without_batches() -> None:
        await broker.make_streams()
        js, name = broker.connection.js, stream_name(broker.namespace)
        present = (await js.stream_info(name)).config
        await js.update_stream(present.evolve(allow_atomic=False))

    broker.connection.call(without_batches, 10)
    broker.enqueue_many([message(number) for number in range(2_500)])
    assert waiting(broker) == 2_500


def test_many_large_ones_are_stored_in_several_batches(broker: NatsBroker) -> None:
    broker.enqueue_many([message("x" * 500_000) for _ in range(40)])
    assert waiting(broker) == 40


def test_many_may_go_to_many_queues_and_be_delayed(broker: NatsBroker) -> None:
    broker.enqueue_many([message(queue="a"), message(queue="b.c")])
    broker.enqueue_many([message(queue="a"), message(queue="a")], delay=60_000)
    found = broker.connection.call(lambda: queue_stats(broker.connection.js, broker.namespace), 10)
    assert {(stats.queue, stats.ready, stats.delayed) for stats in found} == {("a", 1, 2), ("b.c", 1, 0)}


def test_message_too_large_is_refused_and_the_connection_lives_on(broker: NatsBroker) -> None:
    with pytest.raises(PublishRefused, match="limit"):
        broker.enqueue(message(filling="x" * 1_100_000))
    broker.enqueue(message())
    assert waiting(broker) == 1


def test_stream_that_refuses_for_good_raises(broker: NatsBroker) -> None:
    broker.enqueue(message())

    async def shrink() -> None:
        js = broker.connection.js
        info = await js.stream_info(f"{broker.namespace}_WQ")
        await js.update_stream(info.config, max_msg_size=100)

    broker.connection.call(shrink, 10)
    with pytest.raises(PublishRefused, match="size"):
        broker.enqueue(message(filling="x" * 200))


def test_closed_broker_opens_again_on_next_use(broker: NatsBroker) -> None:
    broker.enqueue(message())
    broker.close()
    broker.close()
    assert not broker.connection.started
    broker.enqueue(message())
    assert waiting(broker) == 2


def test_headers_travel_with_work_and_retries_and_come_back(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    seen: list[object] = []

    class Noting(Middleware):
        def before_process_message(self, _broker: Any, message: Any) -> None:
            seen.append(message.options.get("headers"))

    broker.add_middleware(Noting())

    @dramatiq.actor(min_backoff=250, max_backoff=250, max_retries=1)
    def act(_number: int) -> None:
        if len(seen) == 1:
            raise RuntimeError

    headers = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "baggage": "run_id=7",
    }
    broker.enqueue(message(headers=headers))
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert seen == [headers, headers]


def test_work_published_without_a_broker_runs(
    server: Server, broker: NatsBroker, namespace: str, run_worker: RunWorker
) -> None:
    seen: list[tuple[int, object]] = []

    @dramatiq.actor
    def act(number: int) -> None:
        seen.append((number, None))

    async def relay() -> None:
        client = await nats.connect(server.url)
        js = client.jetstream()
        await ensure_streams(js, namespace)
        await ensure_streams(js, namespace)
        for row in (1, 1, 2):
            work = encode_work(message(row), namespace)
            await js.publish(
                work.subject, work.payload, headers={**work.headers, "Nats-Msg-Id": f"row-{row}"}
            )
        await client.close()

    asyncio.run(relay())
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert seen == [(1, None), (2, None)]


def test_headers_of_work_published_by_hand_reach_the_message(server: Server, broker: NatsBroker) -> None:
    async def publish() -> None:
        client = await nats.connect(server.url)
        js = client.jetstream()
        await ensure_streams(js, broker.namespace)
        work = encode_work(message(), broker.namespace)
        await js.publish(work.subject, work.payload, headers={"baggage": "run_id=7", "Nats-Msg-Id": "1"})
        await client.close()

    asyncio.run(publish())
    broker.declare_queue("default")
    consumer = broker.consume("default", timeout=5_000)
    received = next(consumer)
    assert received is not None
    assert received.options["headers"] == {"baggage": "run_id=7"}
    consumer.close()


def test_idle_consumer_gives_none_within_its_timeout(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    consumer = broker.consume("default", timeout=200)
    began = time.monotonic()
    assert next(consumer) is None
    assert 0.15 < time.monotonic() - began < 2
    consumer.close()
