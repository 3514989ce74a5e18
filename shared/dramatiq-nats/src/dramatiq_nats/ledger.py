"""What a process holds of one queue: every delivery that is not settled, and those it settled lately.

Unsettled deliveries get heartbeats, so that a long task is not given to another worker. Settled ones are
remembered for a while: after a reconnect their acknowledgements are said again, and a message that comes back
because its acknowledgement was lost is acknowledged, not run a second time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from dramatiq_nats.connection import Connection
from dramatiq_nats.wire import DeliveryPlace, publish_frame

ACK: Final = b"+ACK"
IN_PROGRESS: Final = b"+WPI"
HAND_BACK: Final = b"-NAK"

_REMEMBERED = 20_000
#: Acknowledgements younger than this when the connection is back are said again, in seconds: longer than it
#: takes to find out that nothing arrives any more.
_DOUBTFUL = 60.0

Key = tuple[int, int]


class Turn(NamedTuple):
    """What a delivery of a partition's turn is to run.

    Attributes:
      partition: The partition's subject token.
      first: The sequence of the message that is first in its line.
      stored: When that one was stored, nanoseconds since the epoch.
    """

    partition: str
    first: int
    stored: int


class Delivery:
    """One message as delivered to this process.

    Attributes:
      reply: The subject on which it is settled; that of the latest delivery when it came again.
      place: Attempt, sequence and time of storing.
      turn: What it is to run, when it is a partition's turn.
      payload: The encoded Dramatiq message.
      headers: The raw header block.
      ledger: Where it is entered.
      settled: Called once, on the loop, when it was settled.
    """

    __slots__ = ("headers", "ledger", "payload", "place", "reply", "settled", "turn")

    def __init__(
        self, ledger: "Ledger", reply: bytes, place: DeliveryPlace, payload: bytes, headers: bytes | None
    ) -> None:
        self.ledger = ledger
        self.reply = reply
        self.place = place
        self.turn: Turn | None = None
        self.payload = payload
        self.headers = headers
        self.settled: Callable[[], None] | None = None

    @property
    def key(self) -> Key:
        """Return what names the message for ever."""
        return (self.place.sequence, self.place.stored)


class Ledger:
    """The deliveries of one queue in this process. Its methods are called on the loop.

    Args:
      connection: Where they came from.
      ack_wait: Seconds after which the server gives an unsettled message to someone else.
    """

    def __init__(self, connection: Connection, ack_wait: float) -> None:
        self._connection = connection
        self._interval = ack_wait / 3
        self._held: dict[Key, Delivery] = {}
        self._settled: dict[Key, None] = {}
        self._acknowledged: deque[tuple[float, bytes]] = deque(maxlen=_REMEMBERED)
        self._timer: asyncio.TimerHandle | None = None
        connection.parts.append(self)

    def on_connected(self) -> None:
        """Say again the acknowledgements that may be lost, then that the rest is in progress."""
        oldest = time.monotonic() - _DOUBTFUL
        doubtful = [reply for said_at, reply in self._acknowledged if said_at >= oldest]
        self._acknowledged.clear()
        for reply in doubtful:
            self._acknowledge(reply)
        self._say_in_progress()

    def on_closing(self) -> None:
        """Stop the heartbeats."""
        if self._timer is not None:
            self._timer.cancel()

    def enter(self, delivery: Delivery) -> bool:
        """Enter a delivery; tell whether it is new to this process and is to be run."""
        key = delivery.key
        if key in self._settled:
            self._acknowledge(delivery.reply)
            return False
        present = self._held.get(key)
        if present is not None:
            present.reply = delivery.reply
            return False
        self._held[key] = delivery
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._beat)
        return True

    def acknowledge(self, delivery: Delivery) -> None:
        """Settle a delivery as done."""
        if self._leave(delivery):
            self._remember(delivery.key)
            self._acknowledge(delivery.reply)

    def strike(self, delivery: Delivery) -> None:
        """Settle a delivery whose acknowledgement was confirmed already."""
        if self._leave(delivery):
            self._remember(delivery.key)

    def hand_back(self, delivery: Delivery, delay: float = 0.0) -> None:
        """Give a delivery back, to be delivered again after `delay` seconds."""
        if self._leave(delivery):
            body = HAND_BACK if delay <= 0 else b'-NAK {"delay": %d}' % int(delay * 1e9)
            self._connection.write(publish_frame(delivery.reply, b"", body))

    def _leave(self, delivery: Delivery) -> bool:
        if self._held.get(delivery.key) is not delivery:
            return False
        del self._held[delivery.key]
        if delivery.settled is not None:
            delivery.settled()
        return True

    def _remember(self, key: Key) -> None:
        self._settled[key] = None
        if len(self._settled) > _REMEMBERED:
            del self._settled[next(iter(self._settled))]

    def _acknowledge(self, reply: bytes) -> None:
        # The time counts from when it could be said; while away that is later.
        self._acknowledged.append((time.monotonic() if self._connection.ready else float("inf"), reply))
        self._connection.write(publish_frame(reply, b"", ACK))

    def _say_in_progress(self) -> None:
        for delivery in self._held.values():
            self._connection.write(publish_frame(delivery.reply, b"", IN_PROGRESS))

    def _beat(self) -> None:
        self._timer = (
            asyncio.get_running_loop().call_later(self._interval, self._beat) if self._held else None
        )
        self._say_in_progress()
