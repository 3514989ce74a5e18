"""Actors run: once or again, now or later, one after the other or in groups."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import dramatiq
import pytest
from dramatiq import Middleware, Worker, group, pipeline
from dramatiq.errors import ConnectionClosed, QueueJoinTimeout
from dramatiq.middleware import SkipMessage, TimeLimitExceeded
from dramatiq.results import Results

from dramatiq_nats import NatsBroker, NatsResults
from dramatiq_nats.outgoing import Outgoing

RunWorker = Callable[..., Worker]


def test_actor_runs_with_its_arguments(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[tuple[int, str]] = []

    @dramatiq.actor
    def note(number: int, *, text: str) -> None:
        seen.append((number, text))

    run_worker(broker)
    note.send(1, text="one")
    broker.join("default", timeout=10_000)
    assert seen == [(1, "one")]


def test_every_message_runs_once_over_threads_and_workers(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[int] = []

    @dramatiq.actor
    def note(number: int) -> None:
        seen.append(number)

    run_worker(broker, threads=4)
    run_worker(broker, threads=4)
    broker.enqueue_many([note.message(n) for n in range(1_000)])
    broker.join("default", timeout=20_000)
    assert sorted(seen) == list(range(1_000))


def test_queue_declared_after_the_worker_is_consumed(broker: NatsBroker, run_worker: RunWorker) -> None:
    run_worker(broker)
    seen: list[int] = []

    @dramatiq.actor(queue_name="late.comer")
    def note() -> None:
        seen.append(1)

    note.send()
    broker.join("late.comer", timeout=10_000)
    assert seen == [1]


def test_worker_may_listen_to_some_queues_only(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[str] = []

    @dramatiq.actor(queue_name="heard")
    def heard() -> None:
        seen.append("heard")

    @dramatiq.actor(queue_name="unheard")
    def unheard() -> None:
        seen.append("unheard")

    unheard.send()
    heard.send()
    run_worker(broker, queues={"heard"})
    broker.join("heard", timeout=10_000)
    with pytest.raises(QueueJoinTimeout):
        broker.join("unheard", timeout=200)
    assert seen == ["heard"]


def test_failing_actor_is_retried_after_its_delay(broker: NatsBroker, run_worker: RunWorker) -> None:
    times: list[float] = []

    @dramatiq.actor(min_backoff=300, max_backoff=300)
    def flaky() -> None:
        times.append(time.monotonic())
        if len(times) < 3:
            raise RuntimeError("not yet")

    run_worker(broker)
    flaky.send()
    broker.join("default", timeout=15_000)
    assert len(times) == 3
    assert all(after - before >= 0.14 for before, after in itertools.pairwise(times))
    assert broker.dead_letters == []


def test_actor_may_ask_for_its_retry_delay(broker: NatsBroker, run_worker: RunWorker) -> None:
    times: list[float] = []

    @dramatiq.actor
    def again() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise dramatiq.Retry(delay=400)

    run_worker(broker)
    again.send()
    broker.join("default", timeout=10_000)
    assert 0.4 <= times[1] - times[0] < 3


@pytest.mark.parametrize("delay", [1, 100, 600])
def test_delayed_message_waits_for_its_time(broker: NatsBroker, run_worker: RunWorker, delay: int) -> None:
    ran: list[float] = []

    @dramatiq.actor
    def note() -> None:
        ran.append(time.time())

    run_worker(broker)
    began = time.time()
    sent = note.send_with_options(delay=delay)
    assert sent.options["eta"] >= int(began * 1000) + delay
    broker.join("default", timeout=10_000)
    assert delay / 1000 <= ran[0] - began < delay / 1000 + 2


def test_join_waits_for_delayed_messages_and_gives_up_in_time(broker: NatsBroker) -> None:
    @dramatiq.actor
    def note() -> None: ...

    note.send_with_options(delay=60_000)
    began = time.monotonic()
    with pytest.raises(QueueJoinTimeout):
        broker.join("default", timeout=300)
    assert time.monotonic() - began < 3


def test_join_waits_for_what_runs_and_what_follows(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[int] = []

    @dramatiq.actor
    def chain(left: int) -> None:
        seen.append(left)
        if left:
            chain.send_with_options(args=(left - 1,), delay=None if left % 2 else 250)

    run_worker(broker)
    chain.send(6)
    broker.join("default", timeout=15_000)
    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_flush_drops_waiting_delayed_and_dead(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(max_retries=0)
    def fails() -> None:
        raise RuntimeError

    worker = run_worker(broker)
    fails.send()
    broker.join("default", timeout=10_000)
    assert len(broker.dead_letters) == 1
    worker.stop()
    fails.send()
    fails.send_with_options(delay=60_000)
    broker.flush_all()
    broker.join("default", timeout=2_000)
    assert broker.dead_letters == []


def test_callbacks_follow_success_and_failure(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[Any] = []

    @dramatiq.actor
    def note(data: Any, outcome: Any) -> None:
        seen.append((data["actor_name"], outcome if isinstance(outcome, int) else outcome["type"]))

    @dramatiq.actor
    def works() -> int:
        return 42

    @dramatiq.actor(max_retries=0)
    def fails() -> None:
        raise RuntimeError

    run_worker(broker)
    works.send_with_options(on_success=note)
    fails.send_with_options(on_failure=note)
    broker.join("default", timeout=10_000)
    assert sorted(seen) == [("fails", "RuntimeError"), ("works", 42)]


def test_exhausted_retries_call_the_named_actor(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[str] = []

    @dramatiq.actor
    def mourn(data: dict[str, Any], _about: dict[str, Any]) -> None:
        seen.append(data["actor_name"])

    @dramatiq.actor(max_retries=1, min_backoff=1, max_backoff=1, on_retry_exhausted="mourn")
    def fails() -> None:
        raise RuntimeError

    run_worker(broker)
    fails.send()
    broker.join("default", timeout=10_000)
    assert seen == ["fails"]


def test_time_limit_ends_an_actor(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[str] = []

    @dramatiq.actor(time_limit=300, max_retries=0)
    def long() -> None:
        try:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                time.sleep(0.01)
        except TimeLimitExceeded:
            seen.append("ended")
            raise

    # The command line does this in each worker process: the middleware starts its timer.
    broker.emit_after("process_boot")
    run_worker(broker)
    long.send()
    broker.join("default", timeout=15_000)
    assert seen == ["ended"]
    assert broker.list_dead_letters()[0].exception_type.endswith("TimeLimitExceeded")


def test_skipped_message_is_settled(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[str] = []

    class Skipping(Middleware):
        def before_process_message(self, _broker: Any, _message: Any) -> None:
            raise SkipMessage

        def after_skip_message(self, _broker: Any, _message: Any) -> None:
            seen.append("skipped")

    broker.add_middleware(Skipping())

    @dramatiq.actor
    def note() -> None:
        seen.append("ran")

    run_worker(broker)
    note.send()
    broker.join("default", timeout=10_000)
    assert seen == ["skipped"]


def test_age_limit_and_skip_on_failure_settle_too(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[int] = []

    @dramatiq.actor(max_age=200)
    def note() -> None:
        seen.append(1)

    note.send_with_options(delay=600)
    run_worker(broker)
    broker.join("default", timeout=10_000)
    assert seen == []
    assert len(broker.dead_letters) == 1


def test_pipeline_hands_each_result_on(broker: NatsBroker, run_worker: RunWorker) -> None:
    broker.add_middleware(Results(backend=NatsResults(broker)))

    @dramatiq.actor(store_results=True)
    def add(x: int, y: int = 0) -> int:
        return x + y

    run_worker(broker)
    pipe = pipeline([add.message(1, 2), add.message(3), add.message_with_options(args=(4,), delay=300)])
    pipe.run()
    assert pipe.get_result(block=True, timeout=10_000) == 10
    assert list(pipe.get_results()) == [3, 6, 10]
    assert pipe.completed


def test_group_gathers_its_results(broker: NatsBroker, run_worker: RunWorker) -> None:
    broker.add_middleware(Results(backend=NatsResults(broker)))

    @dramatiq.actor(store_results=True)
    def square(x: int = 0) -> int:
        return x * x

    run_worker(broker)
    squares = group([*(square.message(n) for n in range(5)), square.message(2) | square.message()]).run()
    assert list(squares.get_results(block=True, timeout=10_000)) == [0, 1, 4, 9, 16, 16]
    assert squares.completed


def test_retry_goes_without_a_traceback_that_no_message_can_hold(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    runs: list[int] = []

    @dramatiq.actor(min_backoff=1, max_backoff=1)
    def flaky(_key: str) -> None:
        runs.append(1)
        if len(runs) % 2:
            raise RuntimeError("x" * 1_200_000)

    run_worker(broker)
    flaky.send("a")
    broker.join("default", timeout=20_000)
    flaky.send_with_options(args=("b",), partition_key="b")
    broker.join("default", timeout=20_000)
    assert len(runs) == 4
    assert broker.dead_letters == []


def test_message_comes_again_whose_follower_could_not_be_enqueued(
    broker: NatsBroker, run_worker: RunWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dramatiq_nats.consumer._KEPT_DELAY", 0.2)
    said: list[str] = []
    refusals = 7
    publish = broker.publisher.publish_together

    def publish_sometimes(messages: list[Outgoing], timeout: float) -> None:
        nonlocal refusals
        if refusals and b'"actor_name":"follower"' in messages[0].payload:
            refusals -= 1
            raise ConnectionClosed("away")
        publish(messages, timeout)

    monkeypatch.setattr(broker.publisher, "publish_together", publish_sometimes)

    @dramatiq.actor
    def act(fail: str) -> None:
        said.append("act")
        if fail:
            raise ValueError(fail)

    @dramatiq.actor
    def follower(*_args: object) -> None:
        said.append("follower")

    run_worker(broker)
    act.send_with_options(args=("",), on_success=follower)
    broker.join("default", timeout=20_000)
    # More often than poison may begin: it ended each time.
    assert said == ["act"] * 8 + ["follower"]
    assert broker.dead_letters == []
    said.clear()
    refusals = 2
    act.send_with_options(args=("no",), on_failure=follower, max_retries=0)
    broker.join("default", timeout=20_000)
    assert said == ["act"] * 3 + ["follower"]
    assert len(broker.dead_letters) == 1


def test_message_whose_follower_is_refused_for_good_is_dead(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    @dramatiq.actor
    def act() -> str:
        return "x" * 2_000_000

    @dramatiq.actor
    def follower(_result: str) -> None:
        pass

    run_worker(broker)
    (act.message() | follower.message_with_options()).run()
    broker.join("default", timeout=20_000)
    (letter,) = broker.list_dead_letters()
    assert (letter.actor, letter.exception_type) == ("act", "dramatiq_nats.publisher.PublishRefused")


def test_paused_worker_hands_back_and_resumes(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[int] = []

    @dramatiq.actor
    def note(number: int) -> None:
        seen.append(number)

    worker = run_worker(broker)
    note.send(1)
    broker.join("default", timeout=10_000)
    worker.pause()
    note.send(2)
    with pytest.raises(QueueJoinTimeout):
        broker.join("default", timeout=300)
    worker.resume()
    broker.join("default", timeout=15_000)
    assert seen == [1, 2]
