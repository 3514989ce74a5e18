"""Which worker processes there are and what each does: an entry a process in the bucket `workers`.

The bucket is kept in memory, and forgets what was not said again for a quarter of a minute: so a process that
was killed vanishes, and nothing is left of an installation that was stopped.
"""

import asyncio
import re
from datetime import datetime
from uuid import UUID

import msgspec
from nats.js import JetStreamContext, api
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, NoStreamResponseError

from shared.messaging.connection import bound_namespace, bound_replicas, connection
from shared.messaging.names import bucket

FORGOTTEN_AFTER = 15.0
"""Seconds after which a process that says nothing is gone."""

_AT_ONCE = 32
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class RunningTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a worker process runs at this moment.

    Attributes:
        actor: The actor's name.
        queue: The queue that it came from.
        task_id: The task's id.
        run_id: The chain that it belongs to, if any.
        since: When this try began.
        attempt: Which try it is, from 1.
    """

    actor: str
    queue: str
    task_id: str
    run_id: UUID | None = None
    since: datetime
    attempt: int = 1


class WorkerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One worker process.

    Attributes:
        service: The service that it works for.
        host: The machine, or the container, that it runs on.
        pid: Its process id there.
        started_at: When it began to take work.
        beat_at: When it was last heard of, by its own clock.
        threads: Tasks that it can run at the same time.
        queues: Queues that it takes work from.
        running: What it runs, the oldest first.
    """

    service: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    threads: int
    queues: list[str]
    running: list[RunningTask]


async def put_worker(record: WorkerRecord) -> None:
    """Say what a process does; makes the bucket when it is missing, as after a restart of the server."""
    js = (await connection()).jetstream()
    # One request, where nats-py's own put needs a bucket that was looked up.
    subject, data = f"{_prefix()}{_key(record)}", msgspec.json.encode(record)
    try:
        await js.publish(subject, data)
    except NoStreamResponseError:
        await _make_bucket(js)
        await js.publish(subject, data)


async def forget_worker(record: WorkerRecord) -> None:
    """Say that a process ends in good order."""
    js = (await connection()).jetstream()
    try:
        await (await js.key_value(_name())).delete(_key(record))
    except BucketNotFoundError:
        return


async def list_workers() -> list[WorkerRecord]:
    """Every process that was heard of within a quarter of a minute, by service, host and pid."""
    js = (await connection()).jetstream()
    try:
        store = await js.key_value(_name())
    except BucketNotFoundError:
        return []
    info = await js.stream_info(f"KV_{_name()}", subjects_filter=f"{_prefix()}>")
    places = asyncio.Semaphore(_AT_ONCE)

    async def read(subject: str) -> WorkerRecord | None:
        async with places:
            try:
                entry = await store.get(subject.removeprefix(_prefix()))
            except KeyNotFoundError:
                return None
        return None if not entry.value else msgspec.json.decode(entry.value, type=WorkerRecord)

    found = await asyncio.gather(*map(read, info.state.subjects or {}))
    return sorted(
        (record for record in found if record), key=lambda each: (each.service, each.host, each.pid)
    )


async def _make_bucket(js: JetStreamContext) -> None:
    await js.create_key_value(
        api.KeyValueConfig(
            bucket=_name(),
            history=1,
            ttl=FORGOTTEN_AFTER,
            storage=api.StorageType.MEMORY,
            replicas=bound_replicas(),
        )
    )


def _name() -> str:
    return bucket(bound_namespace(), "workers")


def _prefix() -> str:
    return f"$KV.{_name()}."


def _key(record: WorkerRecord) -> str:
    return ".".join(_UNSAFE.sub("_", part) for part in (record.service, record.host, str(record.pid)))
