"""Messages of one partition key run one after another, in order, while keys run in parallel."""

import functools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Worker
from dramatiq.errors import Retry
from nats_server import Server, eventually
from worker_processes import Workers

from dramatiq_nats import NatsBroker
from dramatiq_nats.naming import line_subject, partition_token, turn_subject

RunWorker = Callable[..., Worker]


def has_said(workers: Workers, lines: int) -> bool:
    return len(workers.said()) >= lines


@pytest.fixture
def ran() -> list[object]:
    return []


def test_one_key_runs_in_order_and_never_two_at_a_time(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    running = threading.Lock()

    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        assert running.acquire(blocking=False)
        time.sleep(0.002)
        ran.append(number)
        running.release()

    for _ in range(2):
        run_worker(broker, threads=4)
    for number in range(40):
        edit.send_with_options(args=(number,), partition_key="chat 1")
    broker.join("default", timeout=30_000)
    assert ran == list(range(40))
    assert broker.list_dead_letters() == []


def test_keys_run_in_parallel_behind_a_slow_one(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    others_done = threading.Event()

    @dramatiq.actor(broker=broker)
    def edit(chat: int, number: int) -> None:
        if chat == 0 and number == 0:
            assert others_done.wait(20)
        ran.append((chat, number))
        if len([chat for chat, _ in ran if chat != 0]) == 9:  # type: ignore[misc, has-type]
            others_done.set()

    for number in range(100):
        edit.send_with_options(args=(0, number), partition_key=0)
    for chat in (1, 2, 3):
        for number in range(3):
            edit.send_with_options(args=(chat, number), partition_key=chat)
    run_worker(broker, threads=2)
    broker.join("default", timeout=30_000)
    assert ran[9:] == [(0, number) for number in range(100)]
    assert all([n for c, n in ran if c == chat] == [0, 1, 2] for chat in (1, 2, 3))  # type: ignore[misc, has-type]


def test_many_at_once_keep_their_order_and_leave_nothing(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    @dramatiq.actor(broker=broker)
    def edit(chat: int, number: int) -> None:
        ran.append((chat, number))

    messages = [
        edit.message_with_options(args=(number % 5, number), partition_key=number % 5)
        for number in range(200)
    ]
    broker.enqueue_many(messages)
    [stats] = broker.queue_stats()
    assert (stats.ready, stats.in_line, stats.delayed) == (5, 195, 0)
    assert stats.oldest_age is not None
    run_worker(broker, threads=4)
    broker.join("default", timeout=30_000)
    for chat in range(5):
        assert [n for c, n in ran if c == chat] == list(range(chat, 200, 5))  # type: ignore[misc, has-type]
    eventually(lambda: sum(broker.get_queue_message_counts("default")) == 0)


def test_retried_message_keeps_its_place(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    @dramatiq.actor(broker=broker, max_retries=3, min_backoff=300, max_backoff=300)
    def edit(number: int) -> None:
        ran.append(number)
        if number == 0 and ran.count(0) < 3:
            raise RuntimeError("not yet")

    run_worker(broker, threads=4)
    for number in range(3):
        edit.send_with_options(args=(number,), partition_key="k")
    broker.join("default", timeout=30_000)
    assert ran == [0, 0, 0, 1, 2]


def test_dead_letter_lets_the_next_one_run_and_is_requeued_behind(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    broken = True

    @dramatiq.actor(broker=broker, max_retries=1, min_backoff=10, max_backoff=10)
    def edit(number: int) -> None:
        if number == 0 and broken:
            raise RuntimeError("never")
        ran.append(number)

    run_worker(broker)
    for number in range(3):
        edit.send_with_options(args=(number,), partition_key="k")
    broker.join("default", timeout=30_000)
    assert ran == [1, 2]
    [letter] = broker.list_dead_letters()
    assert letter.attempts == 2
    broken = False
    broker.requeue_dead_letter(letter.sequence)
    broker.join("default", timeout=30_000)
    assert ran == [1, 2, 0]


def test_delayed_message_takes_its_place_when_it_is_due(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        ran.append(number)

    edit.send_with_options(args=(0,), delay=600, partition_key="k")
    edit.send_with_options(args=(1,), partition_key="k")
    run_worker(broker)
    broker.join("default", timeout=30_000)
    assert ran == [1, 0]


def test_actor_may_follow_itself(broker: NatsBroker, run_worker: RunWorker, ran: list[object]) -> None:
    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        ran.append(number)
        if number < 20:
            edit.send_with_options(args=(number + 1,), partition_key="k")

    run_worker(broker)
    edit.send_with_options(args=(0,), partition_key="k")
    broker.join("default", timeout=30_000)
    assert ran == list(range(21))


def test_lost_turn_is_set_again(broker: NatsBroker, run_worker: RunWorker, ran: list[object]) -> None:
    """As when whoever enqueued was killed between the message and its turn."""

    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        ran.append(number)

    message = edit.message_with_options(args=(1,), partition_key="k")
    broker.publish(line_subject(broker.namespace, "default", partition_token("k")), message.encode(), {})
    run_worker(broker)
    eventually(lambda: ran == [1])
    broker.join("default", timeout=10_000)


def test_flush_under_a_running_worker_leaves_it_working(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    began, flushed = threading.Event(), threading.Event()

    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        began.set()
        assert flushed.wait(10)
        ran.append(number)

    run_worker(broker)
    for number in range(3):
        edit.send_with_options(args=(number,), partition_key="k")
    assert began.wait(10)
    broker.flush("default")
    flushed.set()
    eventually(lambda: ran == [0])
    edit.send_with_options(args=(7,), partition_key="k")
    eventually(lambda: ran == [0, 7])
    broker.join("default", timeout=10_000)


def test_message_that_kills_its_worker_is_quarantined_and_the_next_runs(
    server: Server, namespace: str, tmp_path: Path, make_broker: Callable[..., NatsBroker]
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace)
    kill_worker = dramatiq.actor(broker=broker, actor_name="kill_worker")(lambda: None)
    note = dramatiq.actor(broker=broker, actor_name="note")(lambda number: number)
    kill_worker.send_with_options(partition_key="k")
    note.send_with_options(args=(1,), partition_key="k")
    workers = Workers(server.url, namespace, tmp_path)
    try:
        for deaths in (1, 2):
            workers.start(ACK_WAIT="1", MAX_DELIVERIES="2")
            eventually(functools.partial(has_said, workers, deaths), 40)
        workers.start(ACK_WAIT="1", MAX_DELIVERIES="2")
        eventually(functools.partial(has_said, workers, 3), 40)
    finally:
        workers.stop()
    assert workers.said() == ["killing", "killing", "done 1"]
    [letter] = broker.list_dead_letters()
    assert (letter.reason, letter.attempts) == ("poison", 2)


def test_order_holds_while_workers_and_server_are_killed(
    own_server: Server, namespace: str, tmp_path: Path, make_broker: Callable[..., NatsBroker]
) -> None:
    broker = make_broker(servers=own_server.url, namespace=namespace)
    note = dramatiq.actor(broker=broker, actor_name="note")(lambda number: number)
    for number in range(300):
        note.send_with_options(args=(number,), partition_key=number % 3)
    workers = Workers(own_server.url, namespace, tmp_path)
    try:
        running = [workers.start(ACK_WAIT="1") for _ in range(2)]
        for blow in range(3):
            eventually(functools.partial(has_said, workers, 60 * (blow + 1)), 40)
            workers.kill(running.pop(0))
            if blow == 1:
                own_server.kill()
                own_server.start()
            running.append(workers.start(ACK_WAIT="1"))
        broker.join("default", timeout=60_000)
    finally:
        workers.stop()
    done = [int(line.split()[1]) for line in workers.said()]
    assert set(done) == set(range(300))
    for chat in range(3):
        firsts = list(dict.fromkeys(number for number in done if number % 3 == chat))
        assert firsts == sorted(firsts)
    # A message whose worker was killed before it could say that it had ended runs again, and no other.
    assert len(done) - 300 <= 3 * 8


def test_key_that_makes_no_sense_is_refused(broker: NatsBroker) -> None:
    @dramatiq.actor(broker=broker)
    def edit() -> None:
        pass

    with pytest.raises(TypeError, match="partition_key must be a string or an int"):
        edit.send_with_options(partition_key=1.5)


def test_keys_are_told_apart_in_subjects() -> None:
    keys = ["a", "A", "a.b", "a b", "чат", "x" * 64, "x" * 65, "y" * 500, "", "*", ">", "=2A"]
    tokens = [partition_token(key) for key in keys]
    assert len(set(tokens)) == len(keys)
    assert all("." not in token and 0 < len(token) < 80 for token in tokens)
    assert turn_subject("n", "q", tokens[2]) == "n.wq.q.turn.a=2Eb"


def test_retry_may_say_its_delay_in_parts_of_a_millisecond(
    broker: NatsBroker, run_worker: RunWorker, ran: list[object]
) -> None:
    @dramatiq.actor(broker=broker)
    def edit(number: int) -> None:
        ran.append(number)
        if ran == [0]:
            raise Retry("again", delay=300.5)  # type: ignore[arg-type]  # Dramatiq lets it pass

    run_worker(broker)
    for number in range(2):
        edit.send_with_options(args=(number,), partition_key="k")
    broker.join("default", timeout=20_000)
    assert ran == [0, 0, 1]
