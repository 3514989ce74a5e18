"""Pulling a queue's messages: how many may be asked for, what is still owed, and when to ask again.

nats-py's own `fetch` waits to fill its batch; here messages are handed on as they come, and more are asked
for as soon as some were settled. The server says with ``Nats-Pending-Messages`` how much of a request it will
not fill (ADR-13, ADR-37).
"""

import asyncio
import contextlib
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from queue import Empty, SimpleQueue

from nats.errors import Error as NatsError
from nats.js.errors import APIError

from dramatiq_nats.client import Tap
from dramatiq_nats.connection import Connection
from dramatiq_nats.ledger import Delivery, Ledger
from dramatiq_nats.naming import consumer_name, stream_name, work_subject
from dramatiq_nats.partitions import Partitions
from dramatiq_nats.pauses import noted_pause
from dramatiq_nats.streams import ensure_consumer
from dramatiq_nats.wire import parse_place, publish_frame

log = logging.getLogger(__name__)

_EXPIRES = 30.0
_HEARTBEAT = 5.0
_ANY_AFTER = 0.005
#: How often, in seconds, a process looks for lines whose turn was lost with whoever was to set it.
_WAKE_EVERY = 60.0
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_PENDING = re.compile(rb"Nats-Pending-Messages: *(\d+)")
_HEARD, _NO_RESPONDERS, _CONFLICT = b"100", b"503", b"409"


class Pull:
    """The stream of one queue's messages into this process. Its methods are called on the loop.

    Args:
      connection: Where to pull.
      ledger: Where deliveries are entered and settled.
      partitions: Opens the turns among them.
      namespace: The broker's namespace.
      queue: The queue's name.
      prefetch: How many messages may be held unsettled or on their way.
      ack_wait: Seconds, for making the consumer when it is missing.
      make_streams: Makes the streams when they are missing.

    Attributes:
      queue: The queue's name.
      prefetch: As above.
      held: How many messages are held unsettled.
      arrived: Messages to be taken.
      stopping: Whether nothing more will arrive.
    """

    def __init__(  # noqa: PLR0913 - by keyword but the first two
        self,
        connection: Connection,
        ledger: Ledger,
        partitions: Partitions,
        *,
        namespace: str,
        queue: str,
        prefetch: int,
        ack_wait: float,
        make_streams: Callable[[], Awaitable[None]],
    ) -> None:
        self.arrived: SimpleQueue[Delivery] = SimpleQueue()
        self._connection = connection
        self._ledger = ledger
        self._partitions = partitions
        self._namespace = namespace
        self._work_subject = work_subject(namespace, queue).encode()
        self.queue = queue
        self._ack_wait = ack_wait
        self._make_streams = make_streams
        self.prefetch = prefetch
        # Asking for half at a time spares most requests, and leaves enough in hand to keep all threads busy.
        self._least = max(1, prefetch // 2)
        self._inbox = f"{connection.inbox}.{uuid.uuid4().hex[:8]}"
        self._request_subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(namespace)}.{consumer_name(queue)}"
        self._tap: Tap | None = None
        self.held = 0
        self._owed = 0
        self._heard_at = 0.0
        self._woke_at = 0.0
        self.stopping = False
        self._making: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Subscribe and begin to pull, now or as soon as the server is reached."""
        self._connection.parts.append(self)
        self._tap = await self._connection.tap(self._inbox, self._on_message)
        self._timer = asyncio.get_running_loop().call_later(1.0, self._watch)
        if self._connection.ready:
            self.on_connected()

    def on_connected(self) -> None:
        """Make sure of the consumer and ask anew: what was owed on the old connection does not come."""
        if not self.stopping and (self._making is None or self._making.done()):
            self._making = asyncio.get_running_loop().create_task(self._make_and_ask())

    def on_closing(self) -> None:
        """Stop the timers; the connection goes away."""
        self.stopping = True
        for timer in (self._timer, self._soon):
            if timer is not None:
                timer.cancel()
        if self._making is not None:
            self._making.cancel()

    async def stop(self) -> None:
        """Pull no more, and hand back what arrived and was not taken. Does nothing the second time."""
        if self.stopping:
            return
        self.on_closing()
        with contextlib.suppress(ValueError):
            self._connection.parts.remove(self)
        if self._tap is not None:
            await self._connection.untap(self._tap)
        with contextlib.suppress(NatsError):
            # Behind this nothing is on its way; what still came was handed back by `_on_message`.
            await self._connection.confirm()
        with contextlib.suppress(Empty):
            while True:
                self._ledger.hand_back(self.arrived.get_nowait())

    def _on_message(self, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if not reply:
            self._on_status(headers or b"")
            return
        if self._owed > 0:
            self._owed -= 1
        delivery = Delivery(self._ledger, reply, parse_place(reply), data, headers)
        if not self._ledger.enter(delivery):
            self._ask()
            return
        if self.stopping:
            self._ledger.hand_back(delivery)
            return
        self.held += 1
        delivery.settled = self._on_settled
        if subject == self._work_subject:
            self.arrived.put(delivery)
        else:
            self._connection.spawn(self._open(delivery, subject.decode()))

    async def _open(self, delivery: Delivery, subject: str) -> None:
        """Hand a turn on together with what it is to run."""
        try:
            if not await self._partitions.open(delivery, subject):
                return
        except Exception:
            log.exception("A turn of queue %r cannot be read; it comes again.", self.queue)
            self._ledger.hand_back(delivery, _LONGEST_PAUSE)
            return
        if self.stopping:
            self._ledger.hand_back(delivery)
        else:
            self.arrived.put(delivery)

    def _on_settled(self) -> None:
        self.held -= 1
        self._ask()

    def _ask_for_any(self) -> None:
        self._soon = None
        self._ask(1)

    def _ask(self, least: int | None = None) -> None:
        wanted = self.prefetch - self.held - self._owed
        if self.stopping or self._making is not None or not self._connection.ready:
            return
        if wanted < (least or self._least):
            if wanted > 0 and self._owed == 0 and self._soon is None:
                # Slow actors hold the rest: what is free must not wait for them.
                self._soon = asyncio.get_running_loop().call_later(_ANY_AFTER, self._ask_for_any)
            return
        self._owed += wanted
        request = b'{"batch":%d,"expires":%d,"idle_heartbeat":%d}' % (
            wanted,
            int(_EXPIRES * 1e9),
            int(_HEARTBEAT * 1e9),
        )
        self._connection.write(publish_frame(self._request_subject, self._inbox.encode(), request))

    def _on_status(self, headers: bytes) -> None:
        status = headers[9:12]
        if status == _HEARD or self.stopping:
            return
        unfilled = _PENDING.search(headers)
        self._owed = max(0, self._owed - int(unfilled[1])) if unfilled else 0
        if status == _NO_RESPONDERS or (status == _CONFLICT and b"Deleted" in headers):
            self.on_connected()
        elif status == _CONFLICT:
            # Leadership changes, shutdowns: the watch asks again in a moment.
            log.debug("The server ended a pull of %r: %r", self.queue, headers)
        else:
            self._ask()

    def _watch(self) -> None:
        """Ask again where an answer or a wake-up got lost."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(1.0, self._watch)
        if self._owed and loop.time() - self._heard_at > 2 * _HEARTBEAT + 1 and self._connection.ready:
            log.warning("Heard nothing of queue %r for two heartbeats; pulling anew.", self.queue)
            self.on_connected()
        self._ask()
        if loop.time() - self._woke_at > _WAKE_EVERY and self._connection.ready and self._making is None:
            self._woke_at = loop.time()
            self._connection.spawn(self._partitions.wake(self.queue))

    async def _make_and_ask(self) -> None:
        pause = _SHORTEST_PAUSE
        try:
            while self._connection.ready:
                try:
                    await self._make()
                    break
                except (NatsError, OSError) as error:
                    log.warning("Consumer of queue %r cannot be made (%r); trying again.", self.queue, error)
                    await asyncio.sleep(pause)
                    pause = min(_LONGEST_PAUSE, pause * 2)
        finally:
            self._owed = 0
            self._heard_at = asyncio.get_running_loop().time()
            self._making = None
        self._ask()

    async def _make(self) -> None:
        js = self._connection.js
        paused = await noted_pause(js, self._namespace, self.queue)
        try:
            await ensure_consumer(
                js, self._namespace, self.queue, ack_wait=self._ack_wait, paused_until=paused
            )
        except APIError as error:
            if error.code != 404:  # noqa: PLR2004 - "stream not found"
                raise
            await self._make_streams()
            await ensure_consumer(js, self._namespace, self.queue, ack_wait=self._ack_wait)
