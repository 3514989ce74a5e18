"""Events that have happened, read from the stream page by page."""

from collections.abc import Set as AbstractSet
from contextlib import suppress

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError

from shared.contracts.base import EVENTS
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.events import Loss, Position, ReceivedEvent, StreamState, read_event, stream_state
from shared.messaging.names import event_stream, event_subject

_FETCH_SECONDS = 5.0
_IDLE_SECONDS = 30.0


class Page(msgspec.Struct, frozen=True):
    """Events in stream order; with them, everything of these topics up to `upto` has been read."""

    events: list[ReceivedEvent]
    upto: int


class Lost(msgspec.Struct, frozen=True):
    """What followed a position is not kept any more; `now` is the stream's end."""

    reason: Loss
    now: Position


async def read_events(after: Position, topics: AbstractSet[str], most: int) -> Page | Lost:
    """The next events after a position, at most `most` of them.

    Raises:
        QueryError, NatsError, JetStreamError, OSError, TimeoutError: While the stream cannot be reached.
    """
    js = (await connection()).jetstream()
    before = await stream_state(js)
    if before.loss_since(after) is None and after.seq == before.last:
        return Page([], after.seq)
    if (lost := _loss(before, after)) is not None:
        return lost
    events, is_all = await _fetch(js, after, topics, most)
    # Looked at afterwards: what expired or was replaced while it was read would be missing unnoticed.
    if (lost := _loss(await stream_state(js), after)) is not None:
        return lost
    last = events[-1].seq if events else after.seq
    return Page(events, max(last, before.last) if is_all else last)


def _loss(state: StreamState, after: Position) -> Lost | None:
    reason = state.loss_since(after)
    return None if reason is None else Lost(reason, Position(state.epoch, state.last))


async def _fetch(
    js: JetStreamContext, after: Position, topics: AbstractSet[str], most: int
) -> tuple[list[ReceivedEvent], bool]:
    """Events of a consumer made for them, and whether they are all that there was."""
    stream = event_stream(bound_namespace())
    config = api.ConsumerConfig(
        deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after.seq + 1,
        filter_subjects=_subjects_of(topics),
        ack_policy=api.AckPolicy.NONE,
        inactive_threshold=_IDLE_SECONDS,
        mem_storage=True,
        num_replicas=1,
    )
    info = await js.add_consumer(stream, config)
    waiting = info.num_pending or 0
    if waiting == 0:
        return [], True
    subscription = await js.pull_subscribe_bind(stream=stream, consumer=info.name)
    try:
        messages = await subscription.fetch(min(waiting, most), timeout=_FETCH_SECONDS)
    finally:
        with suppress(NatsError, JetStreamError):
            await subscription.unsubscribe()
            await js.delete_consumer(stream, info.name)
    if [message.metadata.sequence.consumer for message in messages] != list(range(1, len(messages) + 1)):
        raise TimeoutError("some of the events asked for were lost on the way")
    return [read_event(message, after.epoch) for message in messages], len(messages) >= waiting


def _subjects_of(topics: AbstractSet[str]) -> list[str]:
    namespace = bound_namespace()
    return sorted(event_subject(namespace, name) for name, event in EVENTS.items() if event.topic in topics)
