"""The recent frames of the event stream, kept once for all clients; each client is a place among them."""

from bisect import bisect_right
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.gateway.frames import event_frame, replacement_key
from shared.messaging.events import Position, ReceivedEvent

LARGEST_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 64 * 1024
"""About what a connection takes before it says that it is full."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One frame as it goes out."""

    seq: int
    topic: str
    key: object
    wire: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What is next for a client: frames joined to one piece, and the place it has reached with them."""

    wire: bytes
    count: int
    replaced: int
    upto: int


class Ring:
    """Frames in stream order: all of those after `floor`, up to `last`.

    Attributes:
        epoch: The stream's life that they are of; empty before the first.
        floor: What came up to here is not here any more.
        last: What came up to here is here, or was of no topic.
        appended: How many frames there ever were.
        restarts: How often it was begun anew; what was taken from it before is not its own any more.
    """

    def __init__(self, most: int, most_bytes: int = LARGEST_BYTES) -> None:
        self.epoch = ""
        self.floor = self.last = self.appended = self.restarts = 0
        self._most = most
        self._most_bytes = most_bytes
        self._seqs: list[int] = []
        self._frames: list[Kept] = []
        self._start = self._bytes = 0

    @property
    def end(self) -> Position:
        """The place after the newest frame."""
        return Position(self.epoch, self.last)

    def holds(self, place: Position) -> bool:
        """Whether everything after a place, up to now, is here."""
        return place.epoch == self.epoch and self.floor <= place.seq <= self.last

    def restart(self, position: Position) -> None:
        """Forget everything; what comes next is what follows a position."""
        self.epoch = position.epoch
        self.floor = self.last = position.seq
        self.restarts += 1
        self._seqs, self._frames = [], []
        self._start = self._bytes = 0

    def append(self, event: ReceivedEvent) -> None:
        """Add the next event; the oldest frames make room for it."""
        self.last = event.seq
        if not event.topic:
            return
        kept = Kept(event.seq, event.topic, replacement_key(event), event_frame(event))
        self._seqs.append(kept.seq)
        self._frames.append(kept)
        self._bytes += len(kept.wire)
        self.appended += 1
        while len(self._seqs) - self._start > self._most or self._bytes > self._most_bytes:
            oldest = self._frames[self._start]
            self.floor = oldest.seq
            self._bytes -= len(oldest.wire)
            self._start += 1
        if self._start > self._most // 4 + 1:
            del self._seqs[: self._start], self._frames[: self._start]
            self._start = 0

    def batch(self, topics: AbstractSet[str], after: int) -> Batch:
        """The next frames of these topics after a place; newer progress of a run stands for older."""
        chosen: dict[object, Kept] = {}
        size = replaced = 0
        upto = self.last
        for index in range(self._index_after(after), len(self._frames)):
            kept = self._frames[index]
            if kept.topic not in topics:
                continue
            older = chosen.pop(kept.key, None)
            if older is not None:
                replaced += 1
                size -= len(older.wire)
            chosen[kept.key] = kept
            size += len(kept.wire)
            if size >= BATCH_BYTES:
                upto = kept.seq
                break
        return Batch(b"".join(kept.wire for kept in chosen.values()), len(chosen), replaced, upto)

    def count_all(self, after: int) -> int:
        """How many frames of any topic stand after a place."""
        return len(self._frames) - self._index_after(after)

    def count(self, topics: AbstractSet[str], after: int) -> int:
        """How many frames of these topics a client at this place waits for, progress counted once a run."""
        start = self._index_after(after)
        waiting = (self._frames[index] for index in range(start, len(self._frames)))
        return len({kept.key for kept in waiting if kept.topic in topics})

    def _index_after(self, seq: int) -> int:
        return bisect_right(self._seqs, seq, lo=self._start)
