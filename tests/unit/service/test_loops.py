"""Loops run while this replica is the active one, and begin anew when they fail."""

import asyncio
from collections.abc import Callable

import pytest

from shared.messaging.relay import Relay
from shared.service import loops
from shared.service.loops import run_alone


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_LOOK_EVERY", 0.001)
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.001)


class Work:
    """A loop that fails so many times, then goes on for ever."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.begun = 0
        self.running = 0

    async def __call__(self) -> None:
        self.begun += 1
        if self.failures:
            self.failures -= 1
            raise OSError("a server is away")
        self.running += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.running -= 1


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0)


async def beside(work: Work, relay: Relay, scenario: Callable[[], object]) -> None:
    task = asyncio.create_task(run_alone(work, relay))
    try:
        await scenario()  # type: ignore[misc]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_loop_runs_while_the_relay_is_active() -> None:
    work, relay = Work(), Relay("a_schema")

    async def scenario() -> None:
        for _ in range(5):
            await asyncio.sleep(0.001)
        assert work.begun == 0
        for times in (1, 2):
            relay.is_active = True
            await until(lambda: work.running == 1)
            relay.is_active = False
            await until(lambda: work.running == 0)
            assert work.begun == times

    asyncio.run(beside(work, relay, scenario))


def test_loop_that_fails_begins_anew() -> None:
    work, relay = Work(failures=3), Relay("a_schema")
    relay.is_active = True

    async def scenario() -> None:
        await until(lambda: work.running == 1)

    asyncio.run(beside(work, relay, scenario))
    assert (work.begun, work.running) == (4, 0)
