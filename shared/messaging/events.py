"""Events: the stream that keeps them a day, and what is read from it."""

from datetime import datetime
from typing import Literal

import msgspec
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import APIError

from shared.contracts.base import EVENTS
from shared.messaging.connection import bound_namespace, bound_replicas, connection
from shared.messaging.names import event_stream, event_subject
from shared.telemetry.runs import RUN_ID

KEPT_SECONDS = 24 * 3600
LARGEST_BYTES = 4 * 1024**3
"""What a copy of the stream holds at the most; then the oldest events go, before their day is over."""

_STREAM_IN_USE = 10058


class ReceivedEvent(msgspec.Struct, frozen=True):
    """One event as it came.

    Attributes:
        topic: The WebSocket topic that it belongs to; empty when its contract is not known here.
        type: What a WebSocket client sees as its type.
        data: The event's fields, as JSON.
        seq: Its sequence in the stream.
        epoch: Names the stream's life: sequences of different epochs do not compare.
        at: When the stream took it.
        run_id: The run that it belongs to.
    """

    topic: str
    type: str
    data: msgspec.Raw
    seq: int
    epoch: str
    at: datetime
    run_id: str | None


class Position(msgspec.Struct, frozen=True):
    """A place in the stream: everything up to `seq` was dealt with. 0 stands before the first event."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"


Loss = Literal["replaced", "rewound", "expired"]
"""Why events cannot be told any more."""


class StreamState(msgspec.Struct, frozen=True):
    """What the stream holds: the events from `first` to `last`, none when `first` is beyond `last`."""

    epoch: str
    first: int
    last: int

    def loss_since(self, position: Position) -> Loss | None:
        """Why what followed a position cannot be read: `replaced`, `rewound`, `expired`; None when it can."""
        if position.epoch != self.epoch:
            return "replaced"
        if position.seq > self.last:
            return "rewound"
        return "expired" if position.seq < self.first - 1 else None


async def ensure_event_stream() -> None:
    """Make the stream of events when it is missing; one that an operator tuned stays as it is."""
    js = (await connection()).jetstream()
    namespace = bound_namespace()
    try:
        await js.add_stream(
            name=event_stream(namespace),
            description="What happened, for a day",
            subjects=[event_subject(namespace, ">")],
            storage=api.StorageType.FILE,
            max_age=KEPT_SECONDS,
            max_bytes=LARGEST_BYTES,
            duplicate_window=120,
            num_replicas=bound_replicas(),
        )
    except APIError as error:
        if error.err_code != _STREAM_IN_USE:
            raise


async def stream_state(js: JetStreamContext) -> StreamState:
    """What the stream holds at this moment.

    Raises:
        NotFoundError: When there is no stream.
    """
    info = await js.stream_info(event_stream(bound_namespace()))
    epoch = info.created.strftime("%Y%m%dT%H%M%S%f") if info.created else "0"
    return StreamState(epoch, info.state.first_seq, info.state.last_seq)


def read_event(message: Msg, epoch: str) -> ReceivedEvent:
    """The event that a message of one of the stream's consumers is."""
    name = message.subject[len(event_subject(bound_namespace(), "")) :]
    contract = EVENTS.get(name)
    return ReceivedEvent(
        topic=contract.topic if contract else "",
        type=contract.type if contract else name,
        data=msgspec.Raw(message.data),
        seq=message.metadata.sequence.stream,
        epoch=epoch,
        at=message.metadata.timestamp,
        run_id=_run_id_of(message.headers),
    )


def _run_id_of(headers: dict[str, str] | None) -> str | None:
    for pair in (headers or {}).get("baggage", "").split(","):
        name, _, value = pair.strip().partition("=")
        if name == RUN_ID:
            return value
    return None
