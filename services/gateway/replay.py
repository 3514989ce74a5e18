"""Clients that come from farther back than memory goes: the stream is read for them, for a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from typing import Final

from loguru import logger

from services.gateway import metrics
from services.gateway.clients import Client
from services.gateway.frames import event_frame, gap_frame, own_frame, replacement_key
from services.gateway.ring import Ring
from shared.messaging.events import Position, ReceivedEvent
from shared.messaging.following import UNREACHABLE
from shared.messaging.history import Lost, Page

Read = Callable[[Position, AbstractSet[str], int], Awaitable[Page | Lost]]
"""The next events after a position, of these topics, so many at the most."""

PAGE_EVENTS: Final = 256
_READERS: Final = 4
_PAUSE = 0.25
_PAUSE_UNREACHABLE = 1.0


class Replay:
    """Brings clients up to what the ring holds.

    Args:
        read: Reads the stream.
        ring: What is in memory.
        join: Takes over a client whose place is in the ring.
    """

    def __init__(self, read: Read, ring: Ring, join: Callable[[Client, int], None]) -> None:
        self._read = read
        self._ring = ring
        self._join = join
        self._readers = asyncio.Semaphore(_READERS)
        self._tasks: dict[Client, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def bring_up(self, client: Client, after: Position, *, is_greeted: bool = False) -> None:
        """Tell a client what came after a position, until the ring has the rest."""
        metrics.REPLAYS.inc()
        self._tasks[client] = asyncio.create_task(
            self._run(client, after, is_greeted=is_greeted), name="replay"
        )

    def forget(self, client: Client) -> None:
        """Stop, if it is being brought up."""
        task = self._tasks.pop(client, None)
        if task is not None:
            task.cancel()

    async def stop(self) -> None:
        """Stop for all."""
        tasks = tuple(self._tasks.values())
        for client in tuple(self._tasks):
            self.forget(client)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, client: Client, after: Position, *, is_greeted: bool) -> None:
        try:
            seq = await self._tell_past(client, after, is_greeted=is_greeted)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the client has to come back
            logger.exception("A client could not be told what it missed")
            client.outlet.end(1011, "What you missed could not be read; come back.")
            return
        if self._tasks.pop(client, None) is not None:
            self._join(client, seq)

    async def _tell_past(self, client: Client, at: Position, *, is_greeted: bool) -> int:
        """Returns the place from which the ring has everything."""
        while True:
            page = await self._next(at, client.topics)
            if isinstance(page, Lost):
                client.say(gap_frame(page.reason, at, page.now))
                at, is_greeted = page.now, True
                continue
            if not is_greeted:
                data = {"topics": sorted(client.topics), "resumed": True}
                client.say(own_frame("hello", at, data))
                is_greeted = True
            await client.outlet.until_writable()
            at = Position(at.epoch, page.upto)
            if page.events:
                client.say(_joined(page.events))
                metrics.FRAMES_SENT.inc(len(page.events))
            # The place may be beyond what the ring has heard yet: it is one that the stream has.
            if at.epoch == self._ring.epoch and at.seq >= self._ring.floor:
                return at.seq
            if not page.events:
                await asyncio.sleep(_PAUSE)

    async def _next(self, after: Position, topics: AbstractSet[str]) -> Page | Lost:
        while True:
            try:
                async with self._readers:
                    return await self._read(after, topics, PAGE_EVENTS)
            except UNREACHABLE as error:
                logger.debug("the past cannot be read now: {!r}", error)
                await asyncio.sleep(_PAUSE_UNREACHABLE)


def _joined(events: list[ReceivedEvent]) -> bytes:
    newest: dict[object, ReceivedEvent] = {}
    for event in events:
        key = replacement_key(event)
        newest.pop(key, None)
        newest[key] = event
    return b"".join(event_frame(event) for event in newest.values())
