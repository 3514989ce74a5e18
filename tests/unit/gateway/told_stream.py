"""A stream of events without a server: it can be held back, expire and be made anew, as JetStream's can."""

import asyncio
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet

from shared.messaging.events import Position, ReceivedEvent, StreamState
from shared.messaging.following import Began, CaughtUp, Followed, beginning
from shared.messaging.history import Lost, Page
from tests.unit.gateway.socket_frames import EPOCH, event


class ToldStream:
    """`follow` and `read` have the contract of `follow_events` and `read_events`.

    Args:
        last: How many messages it has at first.
        turns: How many turns of the loop a reading of it takes, each time anew.
    """

    def __init__(self, *, last: int = 0, turns: Callable[[], int] = lambda: 1) -> None:
        self.epoch = EPOCH
        self.events: list[ReceivedEvent] = [event(seq) for seq in range(1, last + 1)]
        self.first = 1
        self.last = last
        self.reads = 0
        self._turns = turns
        self._changed = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    def publish(
        self, topic: str = "messages", *, kind: str = "message_scored", run_id: str | None = None
    ) -> None:
        self.last += 1
        self.events.append(event(self.last, kind, topic=topic, run_id=run_id, epoch=self.epoch))
        self._changed.set()

    def expire(self, *, upto: int) -> None:
        self.first = max(self.first, min(upto, self.last) + 1)
        self.events = [kept for kept in self.events if kept.seq >= self.first]

    def replace(self, epoch: str) -> None:
        self.epoch, self.events, self.first, self.last = epoch, [], 1, 0
        self._changed.set()

    def hold(self) -> None:
        """Whoever follows hears nothing, while it can be read."""
        self._free.clear()

    def let_go(self) -> None:
        self._free.set()

    async def follow(self, backlog: int) -> AsyncIterator[Followed]:
        at: Position | None = None
        while True:
            began = beginning(at, self._state(), backlog)
            if began is not None:
                at = began.after
                yield Began(began.after, began.reason)
            assert at is not None
            if at.seq == self.last:
                yield CaughtUp()
            was_told = at.seq == self.last
            while self._state().loss_since(at) is None:
                self._changed.clear()
                following = [kept for kept in self.events if kept.seq > at.seq]
                for kept in following[:1]:
                    await self._free.wait()
                    at = Position(self.epoch, kept.seq) if kept.epoch == self.epoch else at
                    yield kept
                if not following:
                    if not was_told:
                        was_told = True
                        yield CaughtUp()
                    await self._changed.wait()
                await self._free.wait()

    async def read(self, after: Position, topics: AbstractSet[str], most: int) -> Page | Lost:
        self.reads += 1
        for _ in range(self._turns()):
            await asyncio.sleep(0)
        reason = self._state().loss_since(after)
        if reason is not None:
            return Lost(reason, Position(self.epoch, self.last))
        wanted = [kept for kept in self.events if kept.seq > after.seq and kept.topic in topics]
        page = wanted[:most]
        upto = self.last if len(page) == len(wanted) else page[-1].seq
        for _ in range(self._turns()):
            await asyncio.sleep(0)
        return Page(page, upto)

    def _state(self) -> StreamState:
        return StreamState(self.epoch, self.first, self.last)
