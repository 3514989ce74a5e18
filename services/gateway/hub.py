"""One follower of the event stream a process, and every WebSocket client as a place in what it has heard.

Nothing is copied for a client: a client that is behind is a smaller number. So one that comes back is one
that has been slow, and the way from what was missed to what is new has no seam.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from loguru import logger

from services.gateway import metrics
from services.gateway.clients import Client, Outlet
from services.gateway.frames import gap_frame, own_frame
from services.gateway.replay import Read, Replay
from services.gateway.ring import Batch, Ring
from shared.messaging.events import Position
from shared.messaging.following import Began, CaughtUp, Followed

TOO_SLOW: Final = 1013
RETRY_SECONDS = 1.0
POSITION_SECONDS = 60.0
"""After how long a silence a client is told its position."""

_LONGEST_REST = 0.05
_CLIENTS_BETWEEN_TURNS = 128
_EVENTS_BETWEEN_TURNS = 32
_SLOW = "You read too slowly; come back with the position of your last frame as ?after=."


class Hub:
    """Follows the event stream once and tells each client what it wants to hear of.

    Args:
        follow: The events from so many before now on, as `follow_events`.
        read: Events of the past, as `read_events`.
        capacity: Frames that may wait for a client that was up to date.
        history: Frames that are kept for clients that come back.
    """

    def __init__(
        self,
        follow: Callable[[int], AsyncIterator[Followed]],
        read: Read,
        *,
        capacity: int,
        history: int,
    ) -> None:
        self._follow = follow
        self._capacity = capacity
        self._history = history
        self._ring = Ring(history)
        self._replay = Replay(read, self._ring, self._join)
        self._is_ready = False
        self._arriving: set[Client] = set()
        self._joined: set[Client] = set()
        self._topics: dict[frozenset[str], frozenset[str]] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow, in tasks of the running loop."""
        works = (self._run(), self._pump(), self._tell_positions())
        self._tasks = [asyncio.create_task(work, name="hub") for work in works]

    async def stop(self) -> None:
        """Stop following; clients get nothing more."""
        await self._replay.stop()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def open(self, outlet: Outlet, topics: frozenset[str], after: Position | None = None) -> Client:
        """Take in a client that wants these topics, from a position on; `close` it when it is gone."""
        topics = self._topics.setdefault(topics, topics)  # the same object for all: compared at a glance
        client = Client(outlet, topics, after)
        outlet.on_writable = self._wake.set
        if self._is_ready:
            self._admit(client)
        else:
            self._arriving.add(client)
        metrics.SOCKETS.set(self.clients)
        return client

    def close(self, client: Client) -> None:
        """Forget a client."""
        client.outlet.on_writable = None
        self._arriving.discard(client)
        self._joined.discard(client)
        self._replay.forget(client)
        metrics.SOCKETS.set(self.clients)

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return len(self._arriving) + len(self._joined) + len(self._replay)

    def _admit(self, client: Client) -> None:
        after = client.after
        if after is None or self._ring.holds(after):
            self._greet(client, after or self._ring.end)
        else:
            self._replay.bring_up(client, after)

    def _greet(self, client: Client, position: Position) -> None:
        data = {"topics": sorted(client.topics), "resumed": client.after is not None}
        # Counted before it hears of it; what comes after `hello` is written later.
        self._join(client, position.seq)
        client.say(own_frame("hello", position, data))

    def _join(self, client: Client, seq: int) -> None:
        """From here on a client is told what is in the ring after its place."""
        client.at = seq
        client.is_live = seq >= self._ring.last
        self._joined.add(client)
        self._wake.set()

    async def _run(self) -> None:
        """Follow for ever; an error of the stream is logged and following begins again."""
        while True:
            try:
                await self._hear_all()
            except Exception:  # noqa: BLE001 - a poisoned event must not silence every client for good
                logger.exception("The event stream broke; following it again")
            await asyncio.sleep(RETRY_SECONDS)

    async def _hear_all(self) -> None:
        since_turn = 0
        async for item in self._follow(self._history):
            self._hear(item)
            since_turn += 1
            # Events come in bursts without a pause between them: let others have a turn.
            if since_turn >= _EVENTS_BETWEEN_TURNS:
                since_turn = 0
                await asyncio.sleep(0)

    def _hear(self, item: Followed) -> None:
        match item:
            case Began():
                self._begin(item)
            case CaughtUp():
                self._is_ready = True
                arrived, self._arriving = self._arriving, set()
                for client in arrived:
                    self._admit(client)
            case event:
                self._ring.append(event)
                self._wake.set()

    def _begin(self, began: Began) -> None:
        """What comes need not continue what was heard: whoever was not told so far has a gap."""
        epoch, after = self._ring.epoch, began.after
        self._ring.restart(after)
        self._is_ready = False
        for client in self._joined:
            is_told = epoch == after.epoch and client.at >= after.seq and began.reason != "rewound"
            if is_told:
                continue
            reason = "expired" if began.reason == "started" else began.reason
            client.say(gap_frame(reason, Position(epoch, client.at), after))
            client.at, client.patience = after.seq, 0

    async def _pump(self) -> None:
        """Write what waits, then rest as long as it took: one client never waits, thousands share writes."""
        while True:
            await self._wake.wait()
            self._wake.clear()
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
        if batch.count:
            client.say(batch.wire)
        if batch.upto >= self._ring.last:
            client.is_live = True
        else:
            self._wake.set()

    def _may_go_on(self, client: Client) -> bool:
        """Whether a client takes more now; one too far behind is let go, or has the stream read for it."""
        if client.at < self._ring.floor:
            self._joined.discard(client)
            if client.is_live:
                self._let_go(client)
            else:
                self._replay.bring_up(client, Position(self._ring.epoch, client.at), is_greeted=True)
            return False
        if client.outlet.is_writable:
            return True
        if client.is_live and self._ring.appended > client.patience:
            waiting = self._ring.count_all(client.at)
            if waiting > self._capacity:
                waiting = self._ring.count(client.topics, client.at)
            if waiting > self._capacity:
                self._joined.discard(client)
                self._let_go(client)
            client.patience = self._ring.appended + self._capacity - waiting
        return False

    def _let_go(self, client: Client) -> None:
        metrics.SOCKETS_CLOSED.labels("too_slow").inc()
        client.outlet.end(TOO_SLOW, _SLOW)

    async def _tell_positions(self) -> None:
        """Tell clients whose topics are silent how far they are, and that their connection lives."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POSITION_SECONDS / 6)
            for client in self._joined:
                is_due = loop.time() - client.told_at >= POSITION_SECONDS
                if is_due and client.outlet.is_writable:
                    client.say(own_frame("position", Position(self._ring.epoch, client.at)))
