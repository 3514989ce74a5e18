"""The writing of what the ring holds to the clients that are in it, for thousands in one round."""

import asyncio
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

from loguru import logger

from services.gateway import metrics
from services.gateway.clients import Client
from services.gateway.frames import own_frame
from services.gateway.ring import Batch, Ring
from shared.messaging.events import Position

TOO_SLOW: Final = 1013
FAILED: Final = 1011
POSITION_SECONDS = 60.0
"""After how long a silence a client is told its position."""

_LONGEST_REST = 0.05
_CLIENTS_BETWEEN_TURNS = 128
_SLOW = "You read too slowly; come back with the position of your last frame as ?after=."
_BROKEN = "Something went wrong here; come back with the position of your last frame as ?after=."


class Pump:
    """Writes to each client what is next for it, as fast as it takes it.

    Args:
        ring: What is in memory.
        capacity: Frames that may wait for a client that was up to date.
        bring_up: Takes over a client whose place, the position given, has left the ring.
    """

    def __init__(self, ring: Ring, capacity: int, bring_up: Callable[[Client, Position], None]) -> None:
        self._ring = ring
        self._capacity = capacity
        self._bring_up = bring_up
        self._joined: set[Client] = set()
        self._woken = asyncio.Event()

    @property
    def clients(self) -> AbstractSet[Client]:
        """The clients that are told from the ring."""
        return self._joined

    def join(self, client: Client, seq: int) -> None:
        """From here on a client is told what is in the ring after its place."""
        client.at = seq
        client.is_live = seq >= self._ring.last
        self._joined.add(client)
        self.wake()

    def leave(self, client: Client) -> None:
        """Tell a client nothing more."""
        self._joined.discard(client)

    def wake(self) -> None:
        """Say that there may be something to write."""
        self._woken.set()

    async def run(self) -> None:
        """Write what waits, then rest as long as it took: one client never waits, thousands share writes."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            began = time.thread_time()
            await self._round()
            await asyncio.sleep(min(time.thread_time() - began, _LONGEST_REST))

    async def _round(self) -> None:
        """Write to each client what is next for it; clients at the same place get the same bytes."""
        batches: dict[tuple[frozenset[str], int], Batch] = {}
        sent = replaced = 0
        restarts = self._ring.restarts
        for number, client in enumerate(tuple(self._joined)):
            if number % _CLIENTS_BETWEEN_TURNS == _CLIENTS_BETWEEN_TURNS - 1:
                await asyncio.sleep(0)  # what was written goes out now, and others have a turn
            if self._ring.restarts != restarts:
                break
            if client not in self._joined or client.at >= self._ring.last or not self._may_go_on(client):
                continue
            place = client.topics, client.at
            batch = batches.get(place)
            if batch is None:
                batch = batches[place] = self._ring.batch(client.topics, client.at)
            self._feed(client, batch)
            sent += batch.count
            replaced += batch.replaced
        metrics.FRAMES_SENT.inc(sent)
        metrics.FRAMES_REPLACED.inc(replaced)

    def _feed(self, client: Client, batch: Batch) -> None:
        client.at = batch.upto
        if batch.count and not self._tell(client, batch.wire):
            return
        if batch.upto >= self._ring.last:
            client.is_live = True
        else:
            self.wake()

    def _tell(self, client: Client, wire: bytes) -> bool:
        """Write to a client; one that fails in an unforeseen way ends alone, and has to come back."""
        try:
            client.say(wire)
        except Exception:  # noqa: BLE001 - what is wrong with one client must not silence those after it
            logger.exception("A client could not be told of events")
            self._let_go(client, FAILED, "failed", _BROKEN)
            return False
        return True

    def _may_go_on(self, client: Client) -> bool:
        """Whether a client takes more now; one too far behind is let go, or has the stream read for it."""
        if client.at < self._ring.floor:
            if client.is_live:
                self._let_go(client, TOO_SLOW, "too_slow", _SLOW)
            else:
                self.leave(client)
                self._bring_up(client, Position(self._ring.epoch, client.at))
            return False
        if client.outlet.is_writable:
            return True
        if client.is_live and self._ring.appended > client.patience:
            waiting = self._ring.count_all(client.at)
            if waiting > self._capacity:
                waiting = self._ring.count(client.topics, client.at)
            if waiting > self._capacity:
                self._let_go(client, TOO_SLOW, "too_slow", _SLOW)
            client.patience = self._ring.appended + self._capacity - waiting
        return False

    def _let_go(self, client: Client, code: int, counted_as: str, reason: str) -> None:
        self.leave(client)
        metrics.SOCKETS_CLOSED.labels(counted_as).inc()
        client.outlet.end(code, reason)

    async def tell_positions(self) -> None:
        """Tell clients whose topics are silent how far they are, and that their connection lives."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POSITION_SECONDS / 6)
            for client in tuple(self._joined):
                is_due = loop.time() - client.told_at >= POSITION_SECONDS
                if is_due and client.outlet.is_writable:
                    self._tell(client, own_frame("position", Position(self._ring.epoch, client.at)))
