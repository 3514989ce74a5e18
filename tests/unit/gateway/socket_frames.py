"""Events for the hub's tests, and reading what was written for a client."""

import struct
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.messaging.events import ReceivedEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
EPOCH = "e"


def event(
    seq: int,
    kind: str = "message_scored",
    *,
    topic: str = "messages",
    run_id: str | None = None,
    epoch: str = EPOCH,
) -> ReceivedEvent:
    return ReceivedEvent(topic, kind, msgspec.Raw(b'{"n":%d}' % seq), seq, epoch, AT, run_id)


def texts(wire: bytes) -> list[bytes]:
    """The text messages in a stream of bytes; each must be whole and unmasked."""
    found = []
    while wire:
        assert wire[0] == 0x81
        size, start = wire[1], 2
        if size == 126:
            (size,), start = struct.unpack("!H", wire[2:4]), 4
        elif size == 127:
            (size,), start = struct.unpack("!Q", wire[2:10]), 10
        assert len(wire) >= start + size
        found.append(wire[start : start + size])
        wire = wire[start + size :]
    return found


class Recorder:
    """An outlet that keeps what it is given; a full one takes nothing until it is drained."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        self.on_writable: Any = None
        self.is_writable = True

    def write(self, wire: bytes) -> None:
        if not self.is_ended:
            self.frames += [msgspec.json.decode(text) for text in texts(wire)]

    async def until_writable(self) -> None:
        return

    def end(self, code: int, reason: str) -> None:
        assert len(reason.encode()) <= 123
        self.code = self.code or code

    def drain(self) -> None:
        self.is_writable = True
        if self.on_writable is not None:
            self.on_writable()

    @property
    def is_ended(self) -> bool:
        return self.code is not None

    @property
    def seqs(self) -> list[int]:
        """Of events."""
        return [frame["seq"] for frame in self.frames if frame["type"] not in {"hello", "gap", "position"}]

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]
