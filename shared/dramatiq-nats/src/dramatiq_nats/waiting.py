"""Waiting, without polling, for what a subject will hold: look, listen, look again."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from nats.errors import Error as NatsError

from dramatiq_nats.connection import Connection

T = TypeVar("T")

#: Pauses before looking again after a hint: it may be heard a moment before it is stored, in seconds.
_PAUSES = (0.005, 0.02, 0.1, 0.5)
#: How often to look although nothing was heard, in seconds: a client that falls behind loses messages.
_LOOK_EVERY = 5.0


class Waiting(Generic[T]):
    """Waits on one connection, over reconnects. Its methods are called on the loop.

    Args:
      connection: Where to listen.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: set[asyncio.Queue[T | None]] = set()

    def on_connected(self) -> None:
        """Have everyone look again: what was published while away was not heard."""
        for heard in self._waiting:
            heard.put_nowait(None)

    async def until(
        self,
        subject: str,
        look: Callable[[], Awaitable[T | None]],
        read: Callable[[bytes, bytes | None], T | None],
        seconds: float,
    ) -> T | None:
        """Return what is there or comes within `seconds`; None when nothing did.

        Args:
          subject: Where it will be published.
          look: Fetches it; None when it is not there or the server does not answer.
          read: Reads it from a payload and header block that were heard; None to look for it instead.
          seconds: How long to wait.
        """
        found = await look()
        if found is not None or seconds <= 0:
            return found
        return await self._listen(subject, look, read, asyncio.get_running_loop().time() + seconds)

    async def _listen(
        self,
        subject: str,
        look: Callable[[], Awaitable[T | None]],
        read: Callable[[bytes, bytes | None], T | None],
        deadline: float,
    ) -> T | None:
        if self not in self._connection.parts:
            self._connection.parts.append(self)
        heard: asyncio.Queue[T | None] = asyncio.Queue()
        self._waiting.add(heard)
        # Nothing of nats-py's is cancelled here: what it awaits may swallow that, and then wait for ever.
        tap = await self._connection.tap(
            subject, lambda _subject, _reply, data, block: heard.put_nowait(read(data, block))
        )
        try:
            with contextlib.suppress(NatsError):
                await self._connection.confirm()
            clock = asyncio.get_running_loop().time
            # It may have come between the first look and the subscription.
            found = await look() if clock() < deadline else None
            while found is None and (left := deadline - clock()) > 0:
                found = await self._next(heard, look, left)
            return found
        finally:
            self._waiting.discard(heard)
            await self._connection.untap(tap)

    @staticmethod
    async def _next(
        heard: "asyncio.Queue[T | None]", look: Callable[[], Awaitable[T | None]], seconds: float
    ) -> T | None:
        try:
            found = await asyncio.wait_for(heard.get(), min(seconds, _LOOK_EVERY))
        except TimeoutError:
            return await look()
        for pause in _PAUSES:
            if found is not None or (found := await look()) is not None:
                break
            await asyncio.sleep(pause)
        return found
