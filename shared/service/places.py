"""Places for long work that one process does at the same time.

It takes as long as a model thinks. What finds no place and a long line goes back into the queue, so that it
never takes all of a worker's threads from the short work that comes in meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.llm.loops import LoopLocal
from shared.service.failures import NotNow


@dataclass(slots=True)
class _Line:
    """What the running loop has: its places, and how many wait for one."""

    free: asyncio.Semaphore
    most_waiting: int
    waiting: int = 0


class Places:
    """The places of a process, for each event loop of its own.

    Args:
        what: For whom they are, in the plural.
        how_many: Says how many there are; as many may wait for one.
    """

    def __init__(self, what: str, how_many: Callable[[], int]) -> None:
        self._what = what
        self._how_many = how_many
        self._lines = LoopLocal(self._make)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place.

        Raises:
            NotNow: When all are taken, and as many as there are wait already.
        """
        line = self._lines.get()
        if line.free.locked() and line.waiting >= line.most_waiting:
            raise NotNow(f"All places for {self._what} are taken in this process.")
        line.waiting += 1
        try:
            await line.free.acquire()
        finally:
            line.waiting -= 1
        try:
            yield
        finally:
            line.free.release()

    def _make(self) -> _Line:
        at_once = self._how_many()
        return _Line(asyncio.Semaphore(at_once), most_waiting=at_once)
