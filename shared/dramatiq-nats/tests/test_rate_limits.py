"""Rate limits, barriers and group callbacks against a real server."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Worker, group
from dramatiq.middleware import GroupCallbacks
from dramatiq.rate_limits import Barrier, BucketRateLimiter, ConcurrentRateLimiter, WindowRateLimiter
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend

RunWorker = Callable[..., Worker]


@pytest.fixture
def backend(broker: NatsBroker) -> NatsRateLimiterBackend:
    return NatsRateLimiterBackend(broker)


def held(limiter: ConcurrentRateLimiter) -> bool:
    with limiter.acquire(raise_on_failure=False) as acquired:
        return bool(acquired)


def test_no_more_than_the_limit_at_a_time(backend: NatsRateLimiterBackend) -> None:
    limiter = ConcurrentRateLimiter(backend, "a key with spaces", limit=2)
    with limiter.acquire(), limiter.acquire():
        assert not held(limiter)
    assert held(limiter)


def test_slot_of_a_killed_holder_comes_free_however_busy_the_key_is(
    server: Server, namespace: str, backend: NatsRateLimiterBackend
) -> None:
    """With one time for the whole key, each of these would prolong the lost slot."""
    lost = NatsRateLimiterBackend(servers=server.url, namespace=namespace)
    limiter = ConcurrentRateLimiter(backend, "busy", limit=2, ttl=600)
    began = time.monotonic()
    assert ConcurrentRateLimiter(lost, "busy", limit=2, ttl=600)._acquire()
    lost.close()
    full = 0
    while time.monotonic() - began < 10:
        with limiter.acquire():
            if held(limiter):
                break
            full += 1
    assert full > 1
    assert 0.5 < time.monotonic() - began < 10


def test_holder_that_outlived_its_time_gives_back_nobody_elses_slot(server: Server, namespace: str) -> None:
    late = NatsRateLimiterBackend(servers=server.url, namespace=namespace)
    prompt = NatsRateLimiterBackend(servers=server.url, namespace=namespace)
    try:
        first = ConcurrentRateLimiter(late, "one", limit=1, ttl=100)
        second = ConcurrentRateLimiter(prompt, "one", limit=1, ttl=60_000)
        with first.acquire():
            eventually(second._acquire)
        assert not held(second)
    finally:
        late.close()
        prompt.close()


def test_window_and_bucket_admit_their_limit(backend: NatsRateLimiterBackend) -> None:
    window = WindowRateLimiter(backend, "window", limit=3, window=60)
    bucket = BucketRateLimiter(backend, "bucket", limit=3, bucket=3_600_000)
    assert [window._acquire() for _ in range(5)] == [True] * 3 + [False] * 2
    assert [bucket._acquire() for _ in range(5)] == [True] * 3 + [False] * 2


def test_limits_that_never_give_back_leave_nothing_behind(
    backend: NatsRateLimiterBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dramatiq_nats.rate_limits._PRUNE_EVERY", 10)
    for number in range(40):
        assert backend.incr("one key", 1, 1_000, ttl=20)
        assert backend.incr(f"key {number}", 1, 1_000, ttl=20)
        time.sleep(0.003)
    assert len(backend._taken) < 30
    assert len(backend._taken.get("one key", ())) < 30


def test_barrier_is_made_once_and_fires_once_over_threads(backend: NatsRateLimiterBackend) -> None:
    barrier = Barrier(backend, "barrier")
    assert barrier.create(parties=12)
    assert not barrier.create(parties=12)
    fired: list[bool] = []
    threads = [threading.Thread(target=lambda: fired.append(barrier.wait(block=False))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fired) == [False] * 11 + [True]


def test_blocking_barrier_lets_everyone_go(backend: NatsRateLimiterBackend) -> None:
    barrier = Barrier(backend, "blocking")
    barrier.create(parties=3)
    passed: list[bool] = []
    threads = [threading.Thread(target=lambda: passed.append(barrier.wait(timeout=20_000))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed == [True] * 3


def test_waiting_for_a_barrier_ends_with_its_timeout(backend: NatsRateLimiterBackend) -> None:
    barrier = Barrier(backend, "lonely")
    barrier.create(parties=2)
    assert not barrier.wait(timeout=1_000)


def test_group_callback_runs_once(
    broker: NatsBroker, backend: NatsRateLimiterBackend, run_worker: RunWorker
) -> None:
    broker.add_middleware(GroupCallbacks(backend))
    done: list[str] = []

    @dramatiq.actor(broker=broker)
    def member(number: int) -> None:
        del number

    @dramatiq.actor(broker=broker)
    def finish() -> None:
        done.append("finished")

    members = group([member.message(number) for number in range(20)], broker=broker)
    members.add_completion_callback(finish.message())
    members.run()
    run_worker(broker, threads=8)
    broker.join("default", timeout=30_000)
    assert done == ["finished"]


def test_streams_that_were_deleted_are_made_again(backend: NatsRateLimiterBackend) -> None:
    assert backend.add("key", 1, 60_000)
    connection = backend._connection
    connection.call(lambda: connection.js.delete_stream(f"{backend.namespace}_LIM"), 10)
    assert backend.add("key", 1, 60_000)


CONTENDER = """
import os, sys, threading, time
from dramatiq.rate_limits import ConcurrentRateLimiter
from dramatiq_nats import NatsRateLimiterBackend
url, namespace, log, rounds, hold = sys.argv[1:]
backend = NatsRateLimiterBackend(servers=url, namespace=namespace)
limiter = ConcurrentRateLimiter(backend, "shared", limit=4, ttl=3_000)
out = os.open(log, os.O_WRONLY | os.O_APPEND)

def contend():
    for _ in range(int(rounds)):
        with limiter.acquire(raise_on_failure=False) as acquired:
            if acquired:
                os.write(out, b"+")
                time.sleep(float(hold))
                os.write(out, b"-")

threads = [threading.Thread(target=contend) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
backend.close()
"""


class Contenders:
    """Processes of three threads each that contend for four slots; each notes when it begins and ends."""

    def __init__(self, url: str, namespace: str, log: Path) -> None:
        self._url, self._namespace, self.log = url, namespace, log
        log.touch()
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *, rounds: int, hold: float) -> None:
        arguments = [self._url, self._namespace, str(self.log), str(rounds), str(hold)]
        self._running.append(subprocess.Popen([sys.executable, "-c", CONTENDER, *arguments]))

    def wait(self) -> None:
        assert [contender.wait(120) for contender in self._running] == [0] * len(self._running)

    def kill(self) -> None:
        for contender in self._running:
            contender.kill()
            contender.wait()
        self._running.clear()

    def most(self) -> int:
        """Return how many held a slot at a time, at most."""
        present = most = 0
        for mark in self.log.read_text():
            present += 1 if mark == "+" else -1
            most = max(most, present)
        return most


def test_limit_holds_over_three_processes(server: Server, namespace: str, tmp_path: Path) -> None:
    contenders = Contenders(server.url, namespace, tmp_path / "log")
    for _ in range(3):
        contenders.start(rounds=30, hold=0.02)
    contenders.wait()
    assert 1 < contenders.most() <= 4
    assert contenders.log.read_text().count("+") == contenders.log.read_text().count("-")


def test_killed_holders_leak_no_slot(server: Server, namespace: str, tmp_path: Path) -> None:
    held_at_death = Contenders(server.url, namespace, tmp_path / "killed")
    for _ in range(2):
        held_at_death.start(rounds=100_000, hold=60)
    eventually(lambda: held_at_death.log.read_text().count("+") == 4, 30)
    held_at_death.kill()
    backend = NatsRateLimiterBackend(servers=server.url, namespace=namespace)
    limiter = ConcurrentRateLimiter(backend, "shared", limit=4, ttl=3_000)
    assert not held(limiter)
    slots = 0

    def take() -> bool:
        nonlocal slots
        slots += bool(limiter._acquire())
        return slots == 4

    eventually(take, 20)
    assert not held(limiter)
    backend.close()


FIRER = """
import sys
from dramatiq.rate_limits import Barrier
from dramatiq_nats import NatsRateLimiterBackend
url, namespace, times = sys.argv[1:]
backend = NatsRateLimiterBackend(servers=url, namespace=namespace)
barrier = Barrier(backend, "shared")
print(sum(barrier.wait(block=False) for _ in range(int(times))))
backend.close()
"""


def test_barrier_fires_once_over_three_processes(
    server: Server, namespace: str, backend: NatsRateLimiterBackend
) -> None:
    Barrier(backend, "shared").create(parties=60)
    arguments = [sys.executable, "-c", FIRER, server.url, namespace, "20"]
    parties = [subprocess.Popen(arguments, stdout=subprocess.PIPE) for _ in range(3)]
    assert sum(int(party.communicate(timeout=60)[0]) for party in parties) == 1
