"""Locks on questions: of all in the fleet who ask the same at the same moment, one asks and the others wait.

They are advisory locks of Postgres, which fall with their connection when a worker is killed. All those of an
event loop are held on one connection, so that waiting for a model takes none from the pool for each question;
it goes back into the pool with the last of them.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from weakref import WeakValueDictionary

from loguru import logger
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.engine import engine
from shared.llm.loops import LoopLocal

T = TypeVar("T")

_TRY = text("SELECT pg_try_advisory_lock(:lock)")
_UNLOCK = text("SELECT pg_advisory_unlock(:lock)")
_UNLOCK_ALL = text("SELECT pg_advisory_unlock_all()")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_LOST = (SQLAlchemyError, OSError, TimeoutError)


class LockedError(Exception):
    """Somebody else holds a lock, and did not let it go in time."""


class Locks:
    """The locks of one event loop."""

    def __init__(self) -> None:
        self._connection: AsyncConnection | None = None
        self._users = 0
        self._turn = asyncio.Lock()
        # A session may take its own lock again: within the process these keep the others out.
        self._own: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, lock: int, *, wait: float) -> AsyncIterator[None]:
        """Hold a lock (a signed number of 64 bits).

        Raises:
            LockedError: When it did not become free within so many seconds.
        """
        own = self._own.setdefault(lock, asyncio.Lock())
        limit = asyncio.timeout(wait)
        try:
            async with limit, own:
                self._users += 1
                try:
                    await self._take(lock)
                    limit.reschedule(None)
                    yield
                finally:
                    await _to_its_end(self._give_back(lock))
        except TimeoutError as error:
            if limit.expired():
                raise LockedError from error
            raise

    async def _take(self, lock: int) -> None:
        pause = _FIRST_PAUSE
        # A statement that has begun is let finish: all locks of the process would fall with the connection.
        while not await _to_its_end(self._try(lock)):
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, _LONGEST_PAUSE)

    async def _give_back(self, lock: int) -> None:
        """Give a lock back, also one that was only tried for; the last user gives the connection back too."""
        self._users -= 1
        async with self._turn:
            if self._connection is None:
                return
            try:
                await self._connection.execute(_UNLOCK, {"lock": lock})
                if not self._users:
                    await self._connection.execute(_UNLOCK_ALL)
                    connection, self._connection = self._connection, None
                    await connection.close()
            except _LOST as error:
                logger.warning("a question's lock fell with its connection: {!r}", error)
                await self._drop()

    async def _try(self, lock: int) -> bool:
        async with self._turn:
            try:
                if self._connection is None:
                    made = await engine().connect()
                    self._connection = await made.execution_options(isolation_level="AUTOCOMMIT")
                return bool(await self._connection.scalar(_TRY, {"lock": lock}))
            except BaseException:
                await self._drop()
                raise

    async def _drop(self) -> None:
        """Whatever it still holds must not lie in the pool."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()


async def _to_its_end(statement: Coroutine[object, object, T]) -> T:
    """Await a statement that is not cancelled with its caller; the caller is, once the statement has ended.

    Nobody goes on while it is under way: a loop that closed then would take the connection's end with it, and
    the lock would stay as long as the process.
    """
    under_way = asyncio.ensure_future(statement)
    try:
        return await asyncio.shield(under_way)
    except asyncio.CancelledError:
        while not under_way.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([under_way])
        raise


_locks: LoopLocal[Locks] = LoopLocal(Locks)


def locks() -> Locks:
    """The running loop's."""
    return _locks.get()
