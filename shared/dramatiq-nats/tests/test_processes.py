"""Worker processes under Dramatiq's command line: killed, stopped, forked."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Message, group
from dramatiq.errors import BrokerError
from dramatiq.middleware import GroupCallbacks
from nats_server import Server, eventually
from worker_processes import Workers

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend, Reason, stream_name

MakeBroker = Callable[..., NatsBroker]


def message(actor: str, *args: object) -> "Message[None]":
    return Message(queue_name="default", actor_name=actor, args=args, kwargs={}, options={})


@pytest.fixture
def workers(server: Server, namespace: str, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(server.url, namespace, tmp_path)
    yield workers
    workers.stop()


def test_killed_worker_gives_its_messages_to_the_next(broker: NatsBroker, workers: Workers) -> None:
    broker.enqueue_many([message("slow", number, 30) for number in range(2)])
    broker.enqueue_many([message("note", number) for number in range(2, 4)])
    first = workers.start()
    eventually(lambda: len(workers.said()) == 2, 20)
    workers.kill(first)
    broker.flush("other")
    workers.start(threads=4)
    eventually(lambda: {"done 2", "done 3"} <= set(workers.said()), 20)
    eventually(lambda: workers.said().count("began 0") == workers.said().count("began 1") == 2, 20)


def test_terminated_worker_hands_back_and_exits_cleanly(broker: NatsBroker, workers: Workers) -> None:
    broker.enqueue_many([message("slow", number, 1.0) for number in range(8)])
    first = workers.start(threads=2)
    eventually(lambda: len(workers.said()) >= 2, 20)
    first.terminate()
    assert first.wait(15) == 0
    began = time.monotonic()
    workers.start(threads=8, ACK_WAIT="60")
    broker.join("default", timeout=15_000)
    assert time.monotonic() - began < 12
    assert sorted(line for line in workers.said() if line.startswith("done")) == [
        f"done {number}" for number in range(8)
    ]
    assert "Traceback" not in workers.output()


def test_message_that_kills_its_worker_is_quarantined(broker: NatsBroker, workers: Workers) -> None:
    broker.enqueue(message("kill_worker"))
    for _ in range(2):
        worker = workers.start(ACK_WAIT="1", MAX_DELIVERIES="2")
        worker.wait(20)
    assert workers.said() == ["killing", "killing"]
    broker.enqueue(message("note", 1))
    workers.start(ACK_WAIT="1", MAX_DELIVERIES="2")
    broker.join("default", timeout=20_000)
    (letter,) = broker.list_dead_letters()
    assert (letter.reason, letter.actor, letter.attempts) == (Reason.POISON, "kill_worker", 2)
    assert workers.said() == ["killing", "killing", "done 1"]


def test_forked_child_has_a_connection_of_its_own(broker: NatsBroker, workers: Workers) -> None:
    broker.enqueue(message("fork_and_send", 1))
    workers.start()
    eventually(lambda: {"done 1", "done 2"} <= set(workers.said()), 20)
    broker.join("default", timeout=10_000)


def test_group_callback_runs_once_over_three_processes(broker: NatsBroker, workers: Workers) -> None:
    broker.add_middleware(GroupCallbacks(NatsRateLimiterBackend(broker)))
    for _ in range(3):
        workers.start(threads=4)
    for number in range(5):
        members = group([message("note", number) for _ in range(20)], broker=broker)
        members.add_completion_callback(message("finish", number))
        members.run()
    broker.join("default", timeout=30_000)
    said = workers.said()
    assert sorted(line for line in said if line.startswith("finished")) == [
        f"finished {number}" for number in range(5)
    ]
    assert len(said) == 5 * 20 + 5


def test_fork_while_publishes_are_tried_again_does_so_in_the_child(
    broker: NatsBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.enqueue(message("note", 1))
    recovering, go = threading.Event(), threading.Event()
    recover = broker.publisher._recover

    async def slowly() -> None:
        recovering.set()
        await asyncio.to_thread(go.wait)
        await recover()

    def lose_stream() -> None:
        js = broker.connection.js
        broker.connection.call(lambda: js.delete_stream(stream_name(broker.namespace)), 10)

    monkeypatch.setattr(broker.publisher, "_recover", slowly)
    lose_stream()
    sender = threading.Thread(target=broker.enqueue, args=(message("note", 2),))
    sender.start()
    assert recovering.wait(10)
    child = os.fork()
    if child == 0:
        go.set()
        broker.publish_timeout = 5.0
        status = 1
        with contextlib.suppress(BrokerError):
            broker.enqueue(message("note", 3))
            status = 0
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    go.set()
    sender.join(20)
    assert broker.get_queue_message_counts("default")[0] == 2


def test_fork_after_use_leaves_the_parent_working(
    server: Server, namespace: str, make_broker: MakeBroker
) -> None:
    broker = make_broker(servers=server.url, namespace=namespace)
    dramatiq.set_broker(broker)
    broker.enqueue(message("note", 1))
    child = os.fork()
    if child == 0:
        broker.enqueue(message("note", 2))
        broker.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    broker.enqueue(message("note", 3))
    assert broker.get_queue_message_counts("default")[0] == 3
