"""Events: the stream that keeps them a day, and following it live."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
from loguru import logger
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError
from nats.js.errors import Error as JetStreamError

from shared.contracts.base import EVENTS
from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import event_stream, event_subject
from shared.telemetry.runs import RUN_ID

KEPT_SECONDS = 24 * 3600
_LARGEST_BYTES = 4 * 1024**3
_STREAM_IN_USE = 10058
_SILENCE = 20.0
_PAUSE = 0.5


class ReceivedEvent(msgspec.Struct, frozen=True):
    """One event as it came.

    Attributes:
        topic: The WebSocket topic that it belongs to.
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
            max_bytes=_LARGEST_BYTES,
            duplicate_window=120,
        )
    except APIError as error:
        if error.err_code != _STREAM_IN_USE:
            raise


async def follow_events() -> AsyncIterator[ReceivedEvent]:
    """Every event from now on, in order and without gaps, over any number of reconnects."""
    after: int | None = None
    epoch = ""
    while True:
        try:
            js = (await connection()).jetstream()
            info = await js.stream_info(event_stream(bound_namespace()))
            now_epoch = _epoch_of(info)
            if after is None or now_epoch != epoch:
                # A stream made anew counts from 1 again: what it has is new to us, unless we only begin.
                after = info.state.last_seq if not epoch else 0
            epoch = now_epoch
            async for received in _follow(js, epoch, after):
                after = received.seq
                yield received
        except (NatsError, JetStreamError, OSError, TimeoutError, QueryError) as error:
            logger.debug("the event stream cannot be followed now: {!r}", error)
            await asyncio.sleep(_PAUSE)


async def _follow(js: JetStreamContext, epoch: str, after: int) -> AsyncIterator[ReceivedEvent]:
    """Events after a sequence, until nothing was heard for a while: then it is time to look anew."""
    namespace = bound_namespace()
    subscription = await js.subscribe(
        event_subject(namespace, ">"),
        stream=event_stream(namespace),
        ordered_consumer=True,
        config=api.ConsumerConfig(
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1
        ),
    )
    prefix = len(event_subject(namespace, ""))
    try:
        while True:
            message = await subscription.next_msg(timeout=_SILENCE)
            contract = EVENTS.get(message.subject[prefix:])
            if contract is not None:
                yield ReceivedEvent(
                    topic=contract.topic,
                    type=contract.type,
                    data=msgspec.Raw(message.data),
                    seq=message.metadata.sequence.stream,
                    epoch=epoch,
                    at=message.metadata.timestamp,
                    run_id=_run_id_of(message.headers),
                )
    except NatsTimeoutError:
        return
    finally:
        if js._nc.is_connected:  # noqa: SLF001 - a lost connection has no subscription to end
            await subscription.unsubscribe()


def _epoch_of(info: api.StreamInfo) -> str:
    return info.created.strftime("%Y%m%dT%H%M%S%f") if info.created else "0"


def _run_id_of(headers: dict[str, str] | None) -> str | None:
    for pair in (headers or {}).get("baggage", "").split(","):
        name, _, value = pair.strip().partition("=")
        if name == RUN_ID:
            return value
    return None
