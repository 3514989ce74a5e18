"""Queues that are held: nothing more is handed out until they are resumed.

The server holds them: it pauses the queue's consumer, which delivers work and turns of partitions alike
(https://docs.nats.io/reference/jetstream/api/consumer/pause). Workers stay connected and need not know. An
update of the consumer leaves the pause as it is; a consumer that was deleted is made anew as paused, as the
pause is noted in ``<ns>_LIM`` as well.
"""

import asyncio
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from dramatiq_nats.naming import consumer_name, limit_stream, limit_subject, stream_name
from dramatiq_nats.streams import ensure_consumer, purge
from dramatiq_nats.wire import TTL

#: Stands for a pause without an end: the server always wants to be told a time.
FOR_EVER: Final = datetime(2200, 1, 1, tzinfo=UTC)

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_SOON = 0.1
_ACK_WAIT = 30.0
_CONSUMER_NOT_FOUND = 10014


async def pause_queue(
    js: JetStreamContext, namespace: str, queue: str, until: datetime | None = None
) -> None:
    """Have a queue hand out nothing more, until then or until it is resumed; again changes the time.

    What a worker holds already it runs: what it had begun, and what it had prefetched. Messages still come
    in, delayed ones become ready, and none is lost. It outlasts restarts of workers and server.

    Args:
      js: A JetStream context of any connection.
      namespace: The broker's namespace.
      queue: The queue's name; one that no worker has consumed yet is paused before its first.
      until: When it goes on by itself, with a zone; None for when it is resumed.

    Raises:
      ValueError: When `until` has no zone, is over, or is beyond the year 2199.
      nats.js.errors.NotFoundError: When the namespace has no streams.
    """
    end = _checked(until)
    seconds = math.ceil((end - datetime.now(UTC)).total_seconds())
    headers = {} if until is None else {TTL: f"{max(1, seconds)}s"}
    noted = json.dumps({"until": _rfc3339(end)}).encode()
    # Noted first: a consumer that is made between the two is paused all the same.
    await js.publish(_note(namespace, queue), noted, headers=headers)
    try:
        await _pause(js, namespace, queue, end)
    except NotFoundError as error:
        if error.err_code != _CONSUMER_NOT_FOUND:
            raise
        await ensure_consumer(js, namespace, queue, ack_wait=_ACK_WAIT, paused_until=end)
        await _pause(js, namespace, queue, end)


async def resume_queue(js: JetStreamContext, namespace: str, queue: str) -> None:
    """Have a queue hand out again, within five seconds. Does nothing to one that is not paused.

    Raises:
      nats.js.errors.NotFoundError: When the namespace has no streams.
    """
    await purge(js, limit_stream(namespace), _note(namespace, queue))
    try:
        # Requests that wait are served at once when a pause runs out, else with their next heartbeat.
        await _pause(js, namespace, queue, datetime.now(UTC) + timedelta(seconds=_SOON))
        await asyncio.sleep(_SOON)
        await _pause(js, namespace, queue, _NO_TIME)
    except NotFoundError as error:
        if error.err_code != _CONSUMER_NOT_FOUND:
            raise


async def noted_pause(js: JetStreamContext, namespace: str, queue: str) -> datetime | None:
    """Return until when a queue was paused, which may be over; None when it was not."""
    try:
        raw = await js.get_msg(limit_stream(namespace), subject=_note(namespace, queue))
    except NotFoundError:
        return None
    return datetime.fromisoformat(json.loads(raw.data or b"{}")["until"])


def paused_until(consumer: ConsumerInfo | None) -> datetime | None:
    """Return until when a consumer is paused, `FOR_EVER` included; None when it is not."""
    if consumer is None or not consumer.paused or not consumer.config.pause_until:
        return None
    return datetime.fromisoformat(consumer.config.pause_until)


async def _pause(js: JetStreamContext, namespace: str, queue: str, until: datetime) -> None:
    await js.pause_consumer(stream_name(namespace), consumer_name(queue), _rfc3339(until))


def _note(namespace: str, queue: str) -> str:
    return limit_subject(namespace, f"pause:{queue}")


def _checked(until: datetime | None) -> datetime:
    if until is None:
        return FOR_EVER
    if until.tzinfo is None:
        raise ValueError(f"until must have a time zone: {until!r}")
    if not datetime.now(UTC) < until < FOR_EVER:
        raise ValueError(f"until must be in the future and before 2200, not {until.isoformat()}")
    return until


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
