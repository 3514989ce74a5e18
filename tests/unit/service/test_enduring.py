"""What a service does beside its queues goes on after an error that nobody foresaw."""

import asyncio

import pytest

from shared.service import enduring
from shared.service.enduring import end_all, keep_going
from shared.service.metrics import BROKEN_WORKS


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enduring, "_FIRST_PAUSE", 0.001)


def test_work_begins_anew_after_each_error_is_counted_and_ends_when_it_is_done() -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 4:
            raise KeyError("nobody thought of this")

    asyncio.run(keep_going("a work of this test", work))
    assert begun == 4
    assert BROKEN_WORKS.labels("a work of this test")._value.get() == 3


def test_cancelling_ends_it() -> None:
    async def run() -> None:
        began = asyncio.Event()

        async def work() -> None:
            began.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(keep_going("another", work))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_ends_also_what_a_library_has_swallowed_the_first_cancellation_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(enduring, "_AGAIN_AFTER", 0.01)

    async def run() -> list[bool]:
        swallowed = asyncio.Event()

        async def deaf() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.set()
            await asyncio.Event().wait()

        async def broken() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                raise KeyError("while it ended")

        tasks = [asyncio.create_task(work()) for work in (deaf, broken)]
        await asyncio.sleep(0)
        await asyncio.wait_for(end_all(tasks), 10)
        assert swallowed.is_set()
        return [task.done() for task in tasks]

    assert asyncio.run(run()) == [True, True]
