"""One follower of the event stream a process, and every WebSocket client as a place in what it has heard.

Nothing is copied for a client: a client that is behind is a smaller number. So one that comes back is one
that has been slow, and the way from what was missed to what is new has no seam.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

from loguru import logger

from services.gateway import metrics
from services.gateway.clients import Client, Outlet
from services.gateway.frames import gap_frame, own_frame
from services.gateway.pump import Pump
from services.gateway.replay import Read, Replay
from services.gateway.ring import Ring
from shared.messaging.events import Position
from shared.messaging.following import Began, CaughtUp, Followed
from shared.service.enduring import end_all

RETRY_SECONDS = 1.0

_EVENTS_BETWEEN_TURNS = 32


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
        self._history = history
        self._ring = Ring(history)
        self._pump = Pump(self._ring, capacity, self._bring_up)
        self._replay = Replay(read, self._ring, self._pump.join)
        self._is_ready = False
        self._arriving: set[Client] = set()
        self._topics: dict[frozenset[str], frozenset[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow, in tasks of the running loop."""
        works = (self._hear_all, self._pump.run, self._pump.tell_positions)
        self._tasks = [asyncio.create_task(self._go_on(work), name="hub") for work in works]

    async def stop(self) -> None:
        """Stop following; clients get nothing more."""
        await self._replay.stop()
        await end_all(self._tasks)

    def open(self, outlet: Outlet, topics: frozenset[str], after: Position | None = None) -> Client:
        """Take in a client that wants these topics, from a position on; `close` it when it is gone."""
        topics = self._topics.setdefault(topics, topics)  # the same object for all: compared at a glance
        client = Client(outlet, topics, after)
        outlet.on_writable = self._pump.wake
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
        self._pump.leave(client)
        self._replay.forget(client)
        metrics.SOCKETS.set(self.clients)

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return len(self._arriving) + len(self._pump.clients) + len(self._replay)

    @property
    def heard(self) -> Position:
        """The newest event that was heard."""
        return self._ring.end

    @property
    def slowest(self) -> int:
        """The place of the client that is farthest behind; that of the newest event when there is none."""
        return min((client.at for client in self._pump.clients), default=self._ring.last)

    def _admit(self, client: Client) -> None:
        after = client.after
        if after is None or self._ring.holds(after):
            self._greet(client, after or self._ring.end)
        else:
            self._replay.bring_up(client, after)

    def _greet(self, client: Client, position: Position) -> None:
        data = {"topics": sorted(client.topics), "resumed": client.after is not None}
        # Counted before it hears of it; what comes after `hello` is written later.
        self._pump.join(client, position.seq)
        client.say(own_frame("hello", position, data))

    def _bring_up(self, client: Client, after: Position) -> None:
        self._replay.bring_up(client, after, is_greeted=True)

    async def _go_on(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a work for ever; an error is logged and it begins again."""
        while True:
            try:
                await work()
            except Exception:  # noqa: BLE001 - a poisoned event must not silence every client for good
                logger.exception("The telling of events broke; beginning it again")
            await asyncio.sleep(RETRY_SECONDS)
            self._pump.wake()

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
                if self._is_ready:  # what came before this began to follow is old, and not late
                    metrics.EVENT_DELAY.observe(max(0.0, (datetime.now(UTC) - event.at).total_seconds()))
                self._ring.append(event)
                self._pump.wake()

    def _begin(self, began: Began) -> None:
        """What comes need not continue what was heard: whoever was not told so far has a gap."""
        epoch, after = self._ring.epoch, began.after
        self._ring.restart(after)
        self._is_ready = False
        for client in self._pump.clients:
            is_told = epoch == after.epoch and client.at >= after.seq and began.reason != "rewound"
            if is_told:
                continue
            reason = "expired" if began.reason == "started" else began.reason
            client.say(gap_frame(reason, Position(epoch, client.at), after))
            client.at, client.patience = after.seq, 0
