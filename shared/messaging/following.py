"""Following the events live, exactly: each once and in order, or a word about what is missing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Literal, cast

import msgspec
from loguru import logger
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError

from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.events import Loss, Position, ReceivedEvent, StreamState, read_event, stream_state
from shared.messaging.names import event_stream

UNREACHABLE = (NatsError, JetStreamError, OSError, TimeoutError, QueryError)
"""What reading the stream raises while it cannot be reached."""

_HEARTBEAT = 2.0
_SILENCE = 5.0
_LOOK = 0.5
_PAUSE = 0.5


class Began(msgspec.Struct, frozen=True):
    """What follows is not the continuation of what came before: it is everything after `after`.

    Attributes:
        after: The new position.
        reason: `started` the first time, else why what is between cannot be told.
    """

    after: Position
    reason: Literal["started"] | Loss


class CaughtUp(msgspec.Struct, frozen=True):
    """All that the stream held has come; what follows is new."""


Followed = Began | CaughtUp | ReceivedEvent


async def follow_events(backlog: int = 0) -> AsyncIterator[Followed]:
    """Every event from `backlog` before now on, in order and without gaps, over any number of reconnects.

    `Began` comes first, and again whenever the stream does not continue where it was left: made anew, shorter
    than before, or cut off for longer than it keeps events. After each beginning, `CaughtUp` comes once.
    """
    at: Position | None = None
    while True:
        try:
            client = await connection()
            if not client.is_connected:
                raise TimeoutError("not connected")
            js = client.jetstream()
            began = beginning(at, await stream_state(js), backlog)
            if began is not None:
                yield began
            at = began.after if began is not None else cast("Position", at)
            async with aclosing(_events_after(client, js, at)) as followed:
                async for item in followed:
                    if isinstance(item, ReceivedEvent):
                        at = Position(item.epoch, item.seq)
                    yield item
        except UNREACHABLE as error:
            logger.debug("the event stream cannot be followed now: {!r}", error)
            await asyncio.sleep(_PAUSE)


def beginning(at: Position | None, state: StreamState, backlog: int) -> Began | None:
    """Where to begin; None to go on where it was left."""
    recent = Position(state.epoch, max(state.first - 1, state.last - backlog, 0))
    if at is None:
        return Began(recent, "started")
    match state.loss_since(at):
        case None:
            return None
        case "expired":
            return Began(Position(state.epoch, state.first - 1), "expired")
        case "rewound":
            # What has the old numbers now cannot be told from what had them before.
            return Began(Position(state.epoch, state.last), "rewound")
        case _:
            return Began(recent, "replaced")


async def _events_after(
    client: Client, js: JetStreamContext, at: Position
) -> AsyncGenerator[CaughtUp | ReceivedEvent, None]:
    """Events of one consumer, until one was lost on the way or its heartbeats stop.

    A consumer belongs to one life of the stream and numbers what it delivers, so that nothing passes
    unnoticed (https://docs.nats.io/nats-concepts/jetstream/consumers).
    """
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    try:
        config = api.ConsumerConfig(
            deliver_subject=inbox,
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=at.seq + 1,
            ack_policy=api.AckPolicy.NONE,
            flow_control=True,
            idle_heartbeat=_HEARTBEAT,
            mem_storage=True,
            num_replicas=1,
        )
        info = await js.add_consumer(event_stream(bound_namespace()), config)
        if (await stream_state(js)).loss_since(at):
            return
        is_told = info.num_pending == 0
        if is_told:
            yield CaughtUp()
        delivered = 0
        while True:
            message = await _next(client, subscription)
            if message is None:
                return
            if message.headers and "Status" in message.headers:
                last = await _answer_status(client, message)
                if last is not None and last != delivered:
                    return
                is_idle = last is not None
            else:
                delivered += 1
                if message.metadata.sequence.consumer != delivered:
                    return
                yield read_event(message, at.epoch)
                is_idle = message.metadata.num_pending == 0
            if is_idle and not is_told:
                is_told = True
                yield CaughtUp()
    finally:
        if client.is_connected:  # a lost connection has no subscription to end
            with suppress(NatsError):
                await subscription.unsubscribe()


async def _next(client: Client, subscription: Subscription) -> Msg | None:
    """The next message; None when there will be none: the connection was lost, or heartbeats stay away."""
    reconnects = client.stats["reconnects"]
    for _ in range(int(_SILENCE / _LOOK)):
        with suppress(NatsTimeoutError):
            return await subscription.next_msg(timeout=_LOOK)
        if not client.is_connected or client.stats["reconnects"] != reconnects:
            return None
    return None


async def _answer_status(client: Client, message: Msg) -> int | None:
    """Let the server go on sending; returns how much it has sent when this is a heartbeat."""
    headers = message.headers or {}
    answer_to = message.reply or headers.get(api.Header.CONSUMER_STALLED, "")
    if answer_to:
        await client.publish(answer_to)
    last = headers.get(api.Header.LAST_CONSUMER)
    return int(last) if last and not message.reply else None
