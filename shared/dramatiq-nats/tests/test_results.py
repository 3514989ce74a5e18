"""Results: stored for a time, waited for without polling, of any size."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Message, Worker
from dramatiq.errors import ConnectionClosed
from dramatiq.results import ResultFailure, ResultMissing, Results, ResultTimeout
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker, NatsResults, result_stream
from dramatiq_nats.naming import result_subject
from dramatiq_nats.outgoing import Outgoing

RunWorker = Callable[..., Worker]


def message() -> "Message[object]":
    return Message(queue_name="default", actor_name="act", args=(), kwargs={}, options={})


@pytest.fixture
def results(broker: NatsBroker) -> NatsResults:
    backend = NatsResults(broker)
    broker.add_middleware(Results(backend=backend))
    return backend


def test_result_comes_back(results: NatsResults, broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(store_results=True)
    def double(x: int) -> dict[str, int]:
        return {"доба": x * 2}

    sent = double.send(21)
    with pytest.raises(ResultMissing):
        sent.get_result()
    run_worker(broker)
    assert sent.get_result(block=True) == {"доба": 42}
    assert sent.get_result(backend=results) == {"доба": 42}


def test_failure_is_raised_where_the_result_is_asked_for(
    results: NatsResults, broker: NatsBroker, run_worker: RunWorker
) -> None:
    @dramatiq.actor(store_results=True, max_retries=0)
    def fails() -> None:
        raise ValueError("no")

    run_worker(broker)
    sent = fails.send()
    with pytest.raises(ResultFailure) as caught:
        sent.get_result(backend=results, block=True)
    assert (caught.value.orig_exc_type, caught.value.orig_exc_msg) == ("ValueError", "no")


def test_blocking_get_ends_with_its_timeout(results: NatsResults) -> None:
    began = time.monotonic()
    with pytest.raises(ResultTimeout):
        results.get_result(message(), block=True, timeout=300)
    assert 0.25 < time.monotonic() - began < 3


def test_everyone_who_waits_hears_at_once(results: NatsResults) -> None:
    sent = message()
    heard: list[object] = []
    waiting = [
        threading.Thread(target=lambda: heard.append(results.get_result(sent, block=True, timeout=10_000)))
        for _ in range(4)
    ]
    for thread in waiting:
        thread.start()
    results.store_result(sent, 7, 60_000)
    for thread in waiting:
        thread.join()
    assert heard == [7, 7, 7, 7]


@pytest.mark.parametrize("block", [False, True])
def test_large_result_comes_back_whole(results: NatsResults, block: bool) -> None:  # noqa: FBT001
    sent = message()
    large = "д" * 700_000
    if block:
        storing = threading.Timer(0.2, results.store_result, (sent, large, 60_000))
        storing.start()
        assert results.get_result(sent, block=True) == large
        storing.join()
    else:
        results.store_result(sent, large, 60_000)
        assert results.get_result(sent) == large


def test_later_result_replaces_the_first(results: NatsResults) -> None:
    sent = message()
    results.store_result(sent, "x" * 600_000, 60_000)
    results.store_result(sent, 2, 60_000)
    assert results.get_result(sent) == 2


def test_result_is_gone_after_its_time(results: NatsResults) -> None:
    sent = message()
    results.store_result(sent, 1, 1_000)
    assert results.get_result(sent) == 1
    eventually(lambda: not stored(results, sent))


def stored(results: NatsResults, sent: "Message[object]") -> bool:
    try:
        results.get_result(sent)
    except ResultMissing:
        return False
    return True


@pytest.mark.parametrize(("asked", "kept"), [(600_000, "86400s"), (1_500, "2s"), (30_000, "30s")])
def test_results_are_kept_a_day_unless_said_otherwise(
    results: NatsResults, broker: NatsBroker, asked: int, kept: str
) -> None:
    sent = message()
    results.store_result(sent, 1, asked)
    subject = result_subject(broker.namespace, results.build_message_key(sent))
    raw = broker.connection.call(
        lambda: broker.connection.js.get_msg(result_stream(broker.namespace), subject=subject), 10
    )
    assert raw.headers is not None
    assert raw.headers["Nats-TTL"] == kept


def test_backend_works_without_a_broker_and_with_readable_keys(server: Server, namespace: str) -> None:
    backend = NatsResults(servers=server.url, namespace=namespace, use_namespace_prefix_keys=True)
    sent = message()
    backend.store_result(sent, [1, 2], 60_000)
    assert backend.get_result(sent) == [1, 2]
    backend.close()


def test_short_timeout_is_kept(broker: NatsBroker) -> None:
    """A wait that is cancelled within nats-py may never end."""
    backend = NatsResults(broker)
    began = time.monotonic()
    for timeout in (0, 1, 5, 50):
        with pytest.raises(ResultTimeout):
            backend.get_result(message(), block=True, timeout=timeout)
    assert time.monotonic() - began < 2


def test_message_comes_again_whose_result_could_not_be_stored(
    results: NatsResults, broker: NatsBroker, run_worker: RunWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dramatiq_nats.consumer._KEPT_DELAY", 0.2)
    publish, refusals = broker.publisher.publish, 2

    def publish_sometimes(messages: list[Outgoing], timeout: float) -> None:
        nonlocal refusals
        if refusals and messages and b".res." in messages[0].subject:
            refusals -= 1
            raise ConnectionClosed("away")
        publish(messages, timeout)

    monkeypatch.setattr(broker.publisher, "publish", publish_sometimes)

    @dramatiq.actor(store_results=True)
    def answer() -> int:
        return 42

    run_worker(broker)
    assert answer.send().get_result(backend=results, block=True, timeout=10_000) == 42


def test_result_comes_back_over_a_server_of_small_messages(
    tmp_path: Path, make_broker: Callable[..., NatsBroker]
) -> None:
    server = Server(tmp_path, security="max_payload: 64KB")
    server.start()
    try:
        broker = make_broker(servers=f"nats://127.0.0.1:{server.port}")
        backend = NatsResults(broker)
        broker.enqueue(message())
        for size in (1_000, 100_000, 400_000):
            sent = message()
            backend.store_result(sent, "x" * size, 60_000)
            assert backend.get_result(sent) == "x" * size
    finally:
        broker.close()
        server.kill()


def test_closing_the_backend_leaves_the_broker_working(results: NatsResults, broker: NatsBroker) -> None:
    broker.enqueue(message())
    results.close()
    assert broker.connection.ready
