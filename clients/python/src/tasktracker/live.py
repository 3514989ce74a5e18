"""Events as they happen, over the WebSocket, without missing any that the server still keeps."""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from tasktracker.errors import (
    Forbidden,
    Invalid,
    Problem,
    ProblemDetails,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from tasktracker.transport import checked_key, checked_url, is_loopback

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 16.0
_LARGEST_FRAME = 16 << 20
_REFUSALS: dict[int, tuple[int, type[Problem]]] = {
    4400: (422, Invalid),
    4401: (401, Unauthorized),
    4403: (403, Forbidden),
}
_SERVER_FAULT = 500
_OWN = frozenset({"hello", "position"})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened.

    Attributes:
        type: What kind of event: `message_scored`, `analysis.run_completed` and so on.
        data: What there is to say; its fields depend on the type.
        seq: Its place in the stream: grows from event to event, with holes.
        epoch: The stream's life: made anew, it counts from 1 under another epoch.
        at: When the stream took it.
        run_id: The chain that it belongs to, which is also its trace; None outside of one.
    """

    type: str
    data: dict[str, Any]
    seq: int
    epoch: str
    at: datetime
    run_id: UUID | None = None

    @property
    def position(self) -> str:
        """What to come back with, as `after`, once this event is dealt with."""
        return f"{self.epoch}:{self.seq}"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Events were missed that are not kept any more: read again by REST what you show.

    Attributes:
        reason: `expired`, `replaced` or `rewound`.
        after: The position after which events are missing.
        position: What to come back with; everything after it follows.
    """

    reason: str
    after: str
    position: str


async def follow(
    url: str, key: str, *, topics: Iterable[str] = (), after: str | None = None
) -> AsyncGenerator[Event | Gap]:
    """What happens, as it happens, for ever; over a lost connection it comes back where it was.

    No event comes twice, and none that the server keeps (24 hours) is left out; where some are gone, a `Gap`
    says so. Of progress that waits, only the newest of a run comes.

    Args:
        url: The server's address, for example `http://127.0.0.1:8000`.
        key: An API key of it.
        topics: `messages`, `ingestion`, `knowledge`, `analysis` and so on; all that the key may read when
            none is named.
        after: The `position` of the last event that was dealt with; from now on when None.

    Raises:
        Unauthorized: There is no such key, or not any more.
        Forbidden: The key may not read a topic.
        Invalid: There is no such topic, or `after` is no position.
        Unreachable: The server did not answer the first time; later failures are waited out.
        UnexpectedAnswer: What answers is no WebSocket of Task Tracker.
        ValueError: When `url` is no address or `key` cannot be a key.
    """
    base = checked_url(url).replace("http", "ws", 1) + "/ws"
    position, failures, met = after, 0, False
    while True:
        try:
            async with _connected(base, key, topics, position) as socket:
                met = True
                async for text in socket:
                    frame = _frame_of(text)
                    failures, known, position = 0, position, frame.position
                    if isinstance(frame, Gap) or (frame.type not in _OWN and not _was_known(frame, known)):
                        yield frame
        except ConnectionClosed as error:
            _raise_refusal(error)
        except InvalidStatus as error:
            if error.response.status_code < _SERVER_FAULT:
                raise UnexpectedAnswer(f"{base} is no WebSocket of Task Tracker: {error}") from error
        except (OSError, EOFError, InvalidMessage) as error:
            if not met:
                raise Unreachable(base, str(error) or type(error).__name__) from error
        except InvalidHandshake as error:
            raise UnexpectedAnswer(f"{base} is no WebSocket of Task Tracker: {error}") from error
        await asyncio.sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
        failures += 1


def _connected(base: str, key: str, topics: Iterable[str], position: str | None) -> connect:
    query = {name: value for name, value in (("topics", ",".join(topics)), ("after", position)) if value}
    return connect(
        f"{base}?{urlencode(query, safe=',:')}" if query else base,
        additional_headers={"Authorization": f"Bearer {checked_key(key)}"},
        max_size=_LARGEST_FRAME,
        # A proxy of the environment is for the world outside, not for this machine.
        proxy=None if is_loopback(base) else True,
    )


def _frame_of(text: str | bytes) -> Event | Gap:
    try:
        event = msgspec.json.decode(text, type=Event)
        if event.type != "gap":
            return event
        return Gap(reason=str(event.data["reason"]), after=str(event.data["from"]), position=event.position)
    except (msgspec.DecodeError, KeyError) as error:
        raise UnexpectedAnswer(f"A frame of the WebSocket is not as this version expects: {error}") from error


def _was_known(event: Event, position: str | None) -> bool:
    """Whether an event is not after a position of the same stream."""
    epoch, _, seq = (position or "").rpartition(":")
    return epoch == event.epoch and event.seq <= int(seq)


def _raise_refusal(error: ConnectionClosed) -> None:
    """Raise what a close code of the server means when coming back would not help."""
    close = error.rcvd
    if close is None or close.code not in _REFUSALS:
        return
    status, kind = _REFUSALS[close.code]
    raise kind(
        ProblemDetails(status=status, title="Refused", detail=close.reason, code=kind.__name__.lower())
    )
