"""Places for the extractions that one process works on at the same time.

An extraction takes as long as a model thinks. Those that find no place and a long line go back into the
queue, so that they never take all of a worker's threads from the messages that come in meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.knowledge.settings import KnowledgeSettings
from shared.llm.loops import LoopLocal
from shared.service import NotNow, read_settings


@dataclass(slots=True)
class _Places:
    """What the running loop has: its places, and how many wait for one."""

    free: asyncio.Semaphore
    most_waiting: int
    waiting: int = 0


def _make_places() -> _Places:
    at_once = read_settings(KnowledgeSettings).extractions_at_once
    return _Places(asyncio.Semaphore(at_once), most_waiting=at_once)


_places = LoopLocal(_make_places)


@asynccontextmanager
async def place() -> AsyncIterator[None]:
    """Hold one of the process's places.

    Raises:
        NotNow: When all are taken, and as many as there are wait already.
    """
    places = _places.get()
    if places.free.locked() and places.waiting >= places.most_waiting:
        raise NotNow("All places for extractions are taken in this process.")
    places.waiting += 1
    try:
        await places.free.acquire()
    finally:
        places.waiting -= 1
    try:
        yield
    finally:
        places.free.release()
