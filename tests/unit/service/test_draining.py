"""A worker process is told to end while a task runs: it may end by itself; if it lasts, it is interrupted."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO

from shared.service.draining import Draining
from tests.system import wait_for

LONG, SHORT = 60.0, 0.1
DEADLINE = 20.0


class Stage:
    """A worker with one thread, whose actor ends once it is let.

    Attributes:
        became: What became of each task: `ended` or `interrupted`.
    """

    def __init__(self, patience: float) -> None:
        self.became: list[str] = []
        self._begun = threading.Event()
        self._let_end: Callable[[], object] = lambda: None
        self.broker = StubBroker(middleware=[Draining(patience), AsyncIO()])
        self.broker.emit_after("process_boot")
        self._actor = dramatiq.actor(broker=self.broker, actor_name="run")(self._run)
        self._worker = dramatiq.Worker(self.broker, worker_timeout=10, worker_threads=1)
        self._worker.start()

    async def _run(self) -> None:
        may_end = asyncio.Event()
        self._let_end = partial(asyncio.get_running_loop().call_soon_threadsafe, may_end.set)
        self._begun.set()
        try:
            await may_end.wait()
        except asyncio.CancelledError:
            self.became.append("interrupted")
            raise
        self.became.append("ended")

    def begin(self) -> None:
        """Have a task begin."""
        self._actor.send()
        assert self._begun.wait(DEADLINE)

    def let_end(self) -> None:
        """Let it end by itself."""
        self._let_end()

    def end(self) -> None:
        """Tell the worker to end; returns when it has."""
        self._worker.stop()


@contextmanager
def staged(patience: float) -> Iterator[Stage]:
    before = dramatiq.broker.global_broker
    stage = Stage(patience)
    try:
        yield stage
    finally:
        stage.broker.close()
        dramatiq.broker.global_broker = before


def draining() -> bool:
    return any(thread.name == "draining" for thread in threading.enumerate())


def test_task_ends_by_itself_and_nobody_waits_any_longer() -> None:
    with staged(LONG) as stage, ThreadPoolExecutor(1) as pool:
        stage.begin()
        ending = pool.submit(stage.end)
        wait_for(draining, "the worker is told to end")
        assert stage.became == []
        stage.let_end()
        ending.result(DEADLINE)
        assert stage.became == ["ended"]
        wait_for(lambda: not draining(), "nobody waits any longer")


def test_task_that_lasts_is_interrupted() -> None:
    with staged(SHORT) as stage:
        stage.begin()
        stage.end()
        assert stage.became == ["interrupted"]


@pytest.mark.parametrize("patience", [SHORT, LONG])
def test_worker_without_work_ends_at_once(patience: float) -> None:
    with staged(patience) as stage, ThreadPoolExecutor(1) as pool:
        pool.submit(stage.end).result(DEADLINE)
        assert stage.became == []
