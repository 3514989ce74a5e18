"""What goes over a WebSocket, as the very bytes: the JSON of a frame behind the head of its text message."""

import struct
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from shared.messaging.events import Position, ReceivedEvent

BATCH_PROGRESS = "analysis.batch_completed"
"""Progress that is called otherwise: it has the counts of all batches, those before it included."""

_WHOLE_TEXT = 0x81
_SHORT, _MEDIUM, _LONG = 125, 126, 127
_ENCODE = msgspec.json.Encoder()


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What a client gets for one event.

    Attributes:
        type: What happened, for example `message.updated`.
        data: The event's own fields.
        seq: Position in the event stream; grows, with holes where other topics are.
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


def event_frame(event: ReceivedEvent) -> bytes:
    """The message of an event, the same for every client."""
    return text_message(
        _ENCODE.encode(
            Frame(
                type=event.type,
                data=event.data,
                seq=event.seq,
                epoch=event.epoch,
                at=event.at,
                run_id=event.run_id,
            )
        )
    )


def own_frame(
    kind: Literal["hello", "gap", "position"], position: Position, data: dict[str, Any] | None = None
) -> bytes:
    """A message that the socket says of itself: the client's position now, and what there is to say of it."""
    return text_message(
        _ENCODE.encode(
            Frame(
                type=kind,
                data=msgspec.Raw(_ENCODE.encode(data or {})),
                seq=position.seq,
                epoch=position.epoch,
                at=datetime.now(UTC),
                run_id=None,
            )
        )
    )


def gap_frame(reason: str, since: Position, position: Position) -> bytes:
    """The message that says that what happened between two positions is not told any more."""
    return own_frame("gap", position, {"reason": reason, "from": str(since)})


def text_message(text: bytes) -> bytes:
    """One whole, unmasked text message (RFC 6455 §5.2: what a server sends is never masked)."""
    size = len(text)
    if size <= _SHORT:
        head = bytes((_WHOLE_TEXT, size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", _WHOLE_TEXT, _MEDIUM, size)
    else:
        head = struct.pack("!BBQ", _WHOLE_TEXT, _LONG, size)
    return head + text


def replacement_key(event: ReceivedEvent) -> object:
    """What two events share when the newer one makes the older one pointless; else unique to the event."""
    is_progress = event.type.endswith("progress") or event.type == BATCH_PROGRESS
    if event.run_id is not None and is_progress:
        return (event.type, event.run_id)
    return event.seq
