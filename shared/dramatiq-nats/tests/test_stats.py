"""How full the queues are, from Python and for Prometheus."""

import threading
from collections.abc import Callable

import dramatiq
import pytest
from dramatiq import Worker
from dramatiq.errors import BrokerConnectionError
from nats_server import Server, eventually
from prometheus_client import CollectorRegistry, generate_latest

from dramatiq_nats import NatsBroker
from dramatiq_nats.metrics import QueueCollector

RunWorker = Callable[..., Worker]


def test_each_figure_counts_what_it_says(broker: NatsBroker, run_worker: RunWorker) -> None:
    go = threading.Event()

    @dramatiq.actor(broker=broker, max_retries=0)
    def work(kind: str) -> None:
        if kind == "fail":
            raise ValueError(kind)
        go.wait(20)

    work.send("fail")
    worker = run_worker(broker, threads=1)
    eventually(lambda: [queue.dead for queue in broker.queue_stats()] == [1])
    for _ in range(5):
        work.send("wait")
    for _ in range(3):
        work.send_with_options(args=("later",), delay=60_000)
    eventually(lambda: [queue.in_progress for queue in broker.queue_stats()] == [2])
    (stats,) = broker.queue_stats()
    assert (stats.queue, stats.ready, stats.delayed, stats.dead, stats.lag) == ("default", 3, 3, 1, 5)
    assert stats.oldest_age is not None
    assert 0 <= stats.oldest_age < 30
    go.set()
    eventually(lambda: [queue.lag for queue in broker.queue_stats()] == [0])
    assert [queue.oldest_age for queue in broker.queue_stats()] == [None]
    worker.stop()


def test_figures_are_the_same_when_there_are_many_delayed(
    broker: NatsBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def figures() -> list[tuple[str, int, int, int]]:
        return [(each.queue, each.ready, each.in_line, each.delayed) for each in broker.queue_stats()]

    for queue in ("b.c", "d"):
        actor = dramatiq.actor(broker=broker, actor_name=queue, queue_name=queue)(print)
        for _ in range(3):
            actor.send_with_options(delay=60_000)
            actor.send_with_options(partition_key="k")
    broker.consume("b.c").close()
    named = figures()
    assert named == [("b.c", 1, 2, 3), ("d", 1, 2, 3)]
    monkeypatch.setattr("dramatiq_nats.stats._FEW_SUBJECTS", 0)
    assert figures() == named
    dramatiq.actor(broker=broker, actor_name="more", queue_name="d")(print).send_with_options(delay=60_000)
    assert figures() == [("b.c", 1, 2, 3), ("d", 1, 2, 4)]


def test_redelivered_are_counted(
    server: Server, namespace: str, make_broker: Callable[..., NatsBroker]
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace)
    dramatiq.actor(broker=broker, actor_name="work")(print).send()
    first = broker.consume("default", timeout=5_000)
    message = next(first)
    assert message is not None
    first.requeue([message])
    first.close()
    second = broker.consume("default", timeout=5_000)
    again = next(second)
    assert again is not None
    assert [queue.redelivered for queue in broker.queue_stats()] == [1]
    second.ack(again)
    second.close()


def test_prometheus_reads_the_same_figures(broker: NatsBroker) -> None:
    registry = CollectorRegistry()
    # Registering asks no server, so that a service starts without one.
    registry.register(QueueCollector(broker))
    assert not broker.connection.started
    dramatiq.actor(broker=broker, actor_name="work", queue_name="a.b")(print).send()
    said = generate_latest(registry).decode()
    labels = f'namespace="{broker.namespace}",queue="a.b"'
    assert f"dramatiq_nats_messages_ready{{{labels}}} 1.0" in said
    assert f"dramatiq_nats_queue_paused{{{labels}}} 0.0" in said
    for name in ("unacknowledged", "delayed", "redelivered", "dead"):
        assert f"dramatiq_nats_messages_{name}{{{labels}}} 0.0" in said
    assert f"dramatiq_nats_oldest_message_age_seconds{{{labels}}} " in said


def test_scrape_fails_while_the_server_is_away(
    make_broker: Callable[..., NatsBroker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dramatiq_nats.broker._ADMIN_TIMEOUT", 0.3)
    collector = QueueCollector(make_broker(servers="nats://127.0.0.1:1"))
    with pytest.raises(BrokerConnectionError):
        list(collector.collect())
