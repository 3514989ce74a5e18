"""Unique jobs against a real server."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq import Worker
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker, PublishRefused

RunWorker = Callable[..., Worker]


@pytest.fixture
def ran(broker: NatsBroker) -> list[str]:
    """What ran; the actors are declared with it."""
    done: list[str] = []

    @dramatiq.actor(broker=broker, unique_for=timedelta(minutes=1), max_retries=1, min_backoff=10)
    def once(name: str, *, fail: bool = False) -> None:
        done.append(name)
        if fail:
            raise RuntimeError(name)

    return done


def duplicate_of(message: dramatiq.Message[None]) -> object:
    return message.options.get("duplicate_of")


def test_second_is_dropped_and_says_so(broker: NatsBroker, ran: list[str], run_worker: RunWorker) -> None:
    once = broker.actors["once"]
    first, second, other = once.send("a"), once.send("a"), once.send("b")
    assert duplicate_of(first) is None
    assert duplicate_of(second) == first.message_id
    assert duplicate_of(other) is None
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert sorted(ran) == ["a", "b"]


def test_key_is_free_when_the_first_has_ended(
    broker: NatsBroker, ran: list[str], run_worker: RunWorker
) -> None:
    run_worker(broker)
    once = broker.actors["once"]
    once.send("a")
    eventually(lambda: ran == ["a"])
    eventually(lambda: duplicate_of(once.send("a")) is None)
    eventually(lambda: ran == ["a", "a"])


def test_key_is_held_over_retries_and_free_after_the_dead_letter(
    broker: NatsBroker, ran: list[str], run_worker: RunWorker
) -> None:
    once = broker.actors["once"]
    first = once.send_with_options(args=("a",), kwargs={"fail": True}, min_backoff=1_500)
    run_worker(broker)
    eventually(lambda: len(ran) == 1)
    time.sleep(0.3)
    assert duplicate_of(once.send("a", fail=True)) == first.message_id
    eventually(lambda: len(broker.list_dead_letters()) == 1)
    assert ran == ["a", "a"]
    eventually(lambda: duplicate_of(once.send("a", fail=True)) is None)


def test_key_is_free_when_its_time_is_over(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    options: dict[str, Any] = {"args": ("a",), "unique_for": 200}
    once.send_with_options(**options)
    assert duplicate_of(once.send_with_options(**options)) is not None
    time.sleep(0.25)
    assert duplicate_of(once.send_with_options(**options)) is None
    assert ran == []


def test_time_counts_from_when_a_delayed_job_is_due(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    once.send_with_options(args=("a",), delay=60_000, unique_for=1)
    time.sleep(0.05)
    assert duplicate_of(once.send_with_options(args=("a",), unique_for=1)) is not None
    assert ran == []


def test_key_may_be_named(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    first = once.send_with_options(args=("a",), unique_key="chat 5")
    assert duplicate_of(once.send_with_options(args=("b",), unique_key="chat 5")) == first.message_id
    assert ran == []


def test_of_one_batch_the_first_stays(broker: NatsBroker, ran: list[str], run_worker: RunWorker) -> None:
    once = broker.actors["once"]
    sent = broker.enqueue_many([once.message(name) for name in ("a", "b", "a", "b", "c")])
    assert [duplicate_of(message) is not None for message in sent] == [False, False, True, True, False]
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert sorted(ran) == ["a", "b", "c"]


def test_one_of_many_threads_enqueues(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    sent: list[dramatiq.Message[None]] = []
    threads = [threading.Thread(target=lambda: sent.append(once.send("a"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(duplicate_of(message) is None for message in sent) == 1
    assert ran == []


def test_key_is_free_when_the_message_was_refused(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    with pytest.raises(PublishRefused):
        once.send_with_options(args=("x" * 2_000_000,), unique_key="large")
    eventually(lambda: duplicate_of(once.send_with_options(args=("a",), unique_key="large")) is None)
    assert ran == []


def test_key_of_a_killed_process_is_held_until_its_time_is_over(
    server: Server, namespace: str, make_broker: Callable[..., NatsBroker]
) -> None:
    other = make_broker(servers=server.url, namespace=namespace)
    broker = make_broker(servers=server.url, namespace=namespace)

    @dramatiq.actor(broker=broker)
    def work() -> None:
        raise AssertionError

    message = other.unique.mark(work.message_with_options(unique_for=400), {})
    assert other.unique.claim([message]) == {}
    assert duplicate_of(work.send_with_options(unique_for=400)) == message.message_id
    eventually(lambda: duplicate_of(work.send_with_options(unique_for=400)) is None)


def test_retry_is_no_duplicate_of_who_took_its_key_meanwhile(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    ran: list[int] = []
    taken = threading.Event()

    @dramatiq.actor(broker=broker, unique_for=100, min_backoff=1, max_backoff=1)
    def work(number: int) -> None:
        ran.append(number)
        if ran == [1]:
            taken.wait(10)
            raise RuntimeError

    run_worker(broker)
    work.send_with_options(args=(1,), unique_key="k")
    eventually(lambda: ran == [1])
    eventually(lambda: duplicate_of(work.send_with_options(args=(2,), unique_key="k", delay=60_000)) is None)
    taken.set()
    eventually(lambda: ran == [1, 1])


def test_key_is_free_when_the_message_could_not_be_made(broker: NatsBroker, ran: list[str]) -> None:
    once = broker.actors["once"]
    with pytest.raises(TypeError):
        once.send_with_options(args=(object(),), unique_key="k")
    with pytest.raises(TypeError):
        once.send_with_options(args=("a",), unique_key="k", partition_key=1.5)
    eventually(lambda: duplicate_of(once.send_with_options(args=("a",), unique_key="k")) is None)
    assert ran == []


def test_eta_that_is_no_time_means_now(broker: NatsBroker, ran: list[str], run_worker: RunWorker) -> None:
    broker.actors["once"].send_with_options(args=("a",), eta="soon")
    run_worker(broker)
    eventually(lambda: ran == ["a"])


@pytest.mark.parametrize("wrong", ["5m", 0, -1, True, timedelta(0)])
def test_time_that_makes_no_sense_is_refused(broker: NatsBroker, ran: list[str], wrong: object) -> None:
    with pytest.raises(ValueError, match="unique_for must be milliseconds"):
        broker.actors["once"].send_with_options(args=("a",), unique_for=wrong)
    with pytest.raises(ValueError, match="unique_for must be milliseconds"):
        dramatiq.actor(broker=broker, actor_name="other", unique_for=wrong)(print)
    assert ran == []


def test_key_without_a_time_is_refused(broker: NatsBroker) -> None:
    actor = dramatiq.actor(broker=broker, actor_name="other")(print)
    with pytest.raises(ValueError, match="unique_for has to say how long"):
        actor.send_with_options(unique_key="k")
