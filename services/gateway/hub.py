"""One follower of the event stream a process, and a bounded mailbox for each WebSocket client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from loguru import logger

from services.gateway import metrics
from shared.messaging.events import ReceivedEvent

RETRY_SECONDS = 1.0
_EVENTS_BETWEEN_TURNS = 32


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What a client gets for one event.

    Attributes:
        type: What happened, for example `message.updated`.
        data: The event's own fields.
        seq: Position in the event stream; grows, with gaps where other topics are.
        epoch: Names the stream's life; after a change of it `seq` starts anew.
        at: When it happened.
        run_id: The chain that it belongs to.
    """

    type: str
    data: msgspec.Raw
    seq: int
    epoch: str
    at: datetime
    run_id: str | None


@dataclass(eq=False)
class Mailbox:
    """Frames that wait for one client, at most `capacity` of them, in stream order.

    Newer progress of a run takes the place of older progress of the same run. When that is not enough the
    mailbox overflows: it takes no more, and its client has to come back.
    """

    topics: frozenset[str]
    capacity: int
    overflowed: asyncio.Event = field(default_factory=asyncio.Event)
    _frames: dict[object, str] = field(default_factory=dict)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, key: object, frame: str) -> None:
        """Add a frame; a waiting frame with the same key is dropped for it."""
        if self._frames.pop(key, None) is not None:
            metrics.FRAMES_REPLACED.inc()
        if len(self._frames) >= self.capacity:
            self.overflowed.set()
            return
        self._frames[key] = frame
        self._filled.set()

    async def take(self) -> list[str]:
        """All frames that wait, oldest first; blocks until there is one."""
        await self._filled.wait()
        self._filled.clear()
        frames = list(self._frames.values())
        self._frames.clear()
        return frames


class Hub:
    """Follows the event stream once and hands each event to the mailboxes that want its topic."""

    def __init__(self, follow: Callable[[], AsyncIterator[ReceivedEvent]], *, capacity: int) -> None:
        self._follow = follow
        self._capacity = capacity
        self._mailboxes: set[Mailbox] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow, in a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="hub")

    async def stop(self) -> None:
        """Stop following; mailboxes get nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def open(self, topics: frozenset[str]) -> Mailbox:
        """A mailbox for a client that wants these topics; `close` it when the client is gone."""
        mailbox = Mailbox(topics=topics, capacity=self._capacity)
        self._mailboxes.add(mailbox)
        metrics.SOCKETS.set(len(self._mailboxes))
        return mailbox

    def close(self, mailbox: Mailbox) -> None:
        """Forget a mailbox."""
        self._mailboxes.discard(mailbox)
        metrics.SOCKETS.set(len(self._mailboxes))

    @property
    def clients(self) -> int:
        """How many mailboxes are open."""
        return len(self._mailboxes)

    async def _run(self) -> None:
        """Follow for ever; an error of the stream is logged and following begins again."""
        while True:
            try:
                await self._deliver_all()
            except Exception:  # noqa: BLE001 - a poisoned event must not silence every client for good
                logger.exception("The event stream broke; following it again")
            await asyncio.sleep(RETRY_SECONDS)

    async def _deliver_all(self) -> None:
        since_turn = 0
        async for event in self._follow():
            self._deliver(event)
            since_turn += 1
            # Events come in bursts without a pause between them: let the senders empty the mailboxes.
            if since_turn >= _EVENTS_BETWEEN_TURNS:
                since_turn = 0
                await asyncio.sleep(0)

    def _deliver(self, event: ReceivedEvent) -> None:
        wanting = [mailbox for mailbox in self._mailboxes if event.topic in mailbox.topics]
        if not wanting:
            return
        key = replacement_key(event)
        frame = encode_frame(event)
        for mailbox in wanting:
            mailbox.put(key, frame)


def replacement_key(event: ReceivedEvent) -> object:
    """What two events share when the newer one makes the older one pointless; else unique to the event."""
    if event.run_id is not None and event.type.endswith("progress"):
        return (event.type, event.run_id)
    return event.seq


def encode_frame(event: ReceivedEvent) -> str:
    """The frame of an event as the JSON that goes to every client."""
    return msgspec.json.encode(
        Frame(
            type=event.type,
            data=event.data,
            seq=event.seq,
            epoch=event.epoch,
            at=event.at,
            run_id=event.run_id,
        )
    ).decode()
