"""What is to be published: messages, those that are stored together, and what a thread waits on for them."""

import threading
import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dramatiq_nats.wire import in_batch, publish_frame

#: The most messages, as the server takes no more, and bytes that are published as one atomic batch.
_MOST_IN_BATCH, _LARGEST_BATCH = 1_000, 8 * 1024 * 1024


class Ticket:
    """What a thread waits on until all of its publishes are settled."""

    __slots__ = ("_left", "_lock", "error")

    def __init__(self, count: int) -> None:
        self.error: Exception | None = None
        self._left = count
        self._lock = threading.Lock()
        self._lock.acquire()

    def settle(self, error: Exception | None = None) -> None:
        """Note that one publish ended. Called on the loop."""
        if error is not None and self.error is None:
            self.error = error
        self._left -= 1
        if self._left == 0:
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Wait until all have ended; tell whether they did within `timeout` seconds."""
        return self._lock.acquire(timeout=timeout)

    def add(self, count: int) -> None:
        """Wait for so many publishes more. Called on the loop, before the last one ended."""
        self._left += count

    @property
    def left(self) -> int:
        """Return how many publishes have not ended."""
        return self._left


class Outgoing(NamedTuple):
    """One message to publish.

    Attributes:
      subject: Where to.
      payload: What.
      block: The encoded header block, empty for none.
      reserve: Bytes below the server's limit that it must leave free.
      stored: Whether a stream is to store it; otherwise it is void when nobody listens.
      if_expected: Whether it is well, too, when the server does not store it for its `EXPECTED` header.
    """

    subject: bytes
    payload: bytes
    block: bytes
    reserve: int = 0
    stored: bool = True
    if_expected: bool = False

    @property
    def size(self) -> int:
        """Bytes that count toward the server's limit."""
        return len(self.block) + len(self.payload)


class Attempt:
    """One message, or several that are stored together, with one acknowledgement."""

    __slots__ = ("messages", "said_at", "ticket", "token")

    def __init__(self, token: bytes, messages: list[Outgoing], ticket: Ticket) -> None:
        self.token = token
        self.messages = messages
        self.ticket = ticket
        self.said_at = 0.0

    def frames(self, reply: bytes) -> bytes:
        """Return the protocol bytes that publish it."""
        if len(self.messages) == 1:
            message = self.messages[0]
            return publish_frame(message.subject, reply, message.payload, message.block)
        # A new name each time it is said: of one that was cut off, the server may still keep the beginning.
        batch, last = uuid.uuid4().hex, len(self.messages)
        return b"".join(
            publish_frame(
                message.subject,
                reply if number == last else b"",
                message.payload,
                in_batch(message.block, batch, number, last=number == last),
            )
            for number, message in enumerate(self.messages, 1)
        )


def batches(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Cut messages into batches that the server takes."""
    batch: list[Outgoing] = []
    size = 0
    for message in messages:
        if batch and (len(batch) == _MOST_IN_BATCH or size + message.size > _LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += message.size
    if batch:
        yield batch
