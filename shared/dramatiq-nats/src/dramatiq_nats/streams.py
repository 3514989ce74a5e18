"""The namespace's streams and consumers: how they are configured, and making them when missing."""

import contextlib
from datetime import datetime
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.naming import (
    consumer_name,
    dead_letter_stream,
    limit_stream,
    result_stream,
    stream_name,
    turn_subject,
    work_subject,
)

#: How long dead letters are kept, in seconds.
DEAD_LETTER_AGE: Final = 7 * 24 * 3600.0

_DUPLICATE_WINDOW = 120.0
_STREAM_IN_USE = 10058
_CONSUMER_IN_USE, _CONSUMER_REFUSED = 10148, 10012
#: How many requests may wait at a time, which is one a worker process and queue; the server's default is 512.
_MAX_WAITING = 10_000


async def ensure_streams(
    js: JetStreamContext,
    namespace: str,
    *,
    replicas: int = 1,
    dead_letter_age: float = DEAD_LETTER_AGE,
) -> None:
    """Make the namespace's streams where they are missing; to those that exist, add subjects they lack.

    Args:
      js: A JetStream context of any connection.
      namespace: The broker's namespace.
      replicas: Copies of each stream, 1, 3 or 5.
      dead_letter_age: Seconds for which dead letters are kept.

    Raises:
      nats.js.errors.APIError: When the server refuses.
    """
    for config in stream_configs(namespace, replicas=replicas, dead_letter_age=dead_letter_age):
        try:
            await js.add_stream(config)
        except APIError as error:
            if error.err_code != _STREAM_IN_USE:
                raise
            await _add_subjects(js, config)


async def _add_subjects(js: JetStreamContext, wanted: StreamConfig) -> None:
    """Let a stream that an earlier version made take what this one publishes; what was tuned stays."""
    present = (await js.stream_info(str(wanted.name))).config
    missing = [subject for subject in wanted.subjects or [] if subject not in (present.subjects or [])]
    if missing:
        await js.update_stream(present.evolve(subjects=[*(present.subjects or []), *missing]))


def stream_configs(namespace: str, *, replicas: int, dead_letter_age: float) -> list[StreamConfig]:
    """Return how the namespace's four streams are made."""
    return [
        StreamConfig(
            name=stream_name(namespace),
            description="Dramatiq work queues and schedules",
            subjects=[
                *(f"{namespace}.wq.*.{kind}" for kind in ("q", "dq.*", "line.*", "turn.*")),
                f"{namespace}.every.*.*",
            ],
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            num_replicas=replicas,
            duplicate_window=_DUPLICATE_WINDOW,
            allow_direct=True,
            allow_msg_ttl=True,
            allow_msg_schedules=True,
            allow_atomic=True,
        ),
        StreamConfig(
            name=dead_letter_stream(namespace),
            description="Dramatiq dead letters",
            subjects=[f"{namespace}.xq.*"],
            storage=StorageType.FILE,
            num_replicas=replicas,
            duplicate_window=min(_DUPLICATE_WINDOW, dead_letter_age),
            max_age=dead_letter_age,
            allow_direct=True,
        ),
        StreamConfig(
            name=result_stream(namespace),
            description="Dramatiq results",
            subjects=[f"{namespace}.res.>"],
            storage=StorageType.FILE,
            num_replicas=replicas,
            max_msgs_per_subject=1,
            allow_direct=True,
            allow_msg_ttl=True,
        ),
        StreamConfig(
            name=limit_stream(namespace),
            description="Dramatiq rate limits and barriers",
            subjects=[f"{namespace}.lim.*"],
            storage=StorageType.FILE,
            num_replicas=replicas,
            max_msgs_per_subject=1,
            duplicate_window=_DUPLICATE_WINDOW,
            allow_msg_ttl=True,
        ),
    ]


async def ensure_consumer(
    js: JetStreamContext,
    namespace: str,
    queue: str,
    *,
    ack_wait: float,
    paused_until: datetime | None = None,
) -> None:
    """Make a queue's durable consumer, or give it this `ack_wait` in seconds when it exists.

    It delivers work and turns, not what waits in line. One that is made is paused until `paused_until`; of
    one that exists the server leaves the pause as it is.

    Raises:
      nats.js.errors.APIError: When the server refuses, as it does when the stream is missing.
    """
    name = consumer_name(queue)
    config = ConsumerConfig(
        name=name,
        durable_name=name,
        filter_subjects=[work_subject(namespace, queue), turn_subject(namespace, queue, "*")],
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        # Retries are Dramatiq's; the broker quarantines what is delivered too often.
        max_deliver=-1,
        max_ack_pending=-1,
        max_waiting=_MAX_WAITING,
        pause_until=None if paused_until is None else paused_until.isoformat(),
    )
    stream = stream_name(namespace)
    try:
        await js.add_consumer(stream, config)
    except APIError as error:
        if error.err_code == _CONSUMER_IN_USE:
            # Another process made it at the same moment.
            return
        if error.err_code != _CONSUMER_REFUSED:
            raise
        # The server does not let `max_waiting` of one that exists be changed.
        present = (await js.consumer_info(stream, name)).config
        if present.max_waiting == _MAX_WAITING:
            raise
        await js.add_consumer(stream, config.evolve(max_waiting=present.max_waiting))


async def purge(js: JetStreamContext, stream: str, subject: str) -> None:
    """Drop a stream's messages on a subject; a missing stream has none."""
    with contextlib.suppress(NotFoundError):
        await js.purge_stream(stream, subject=subject)
