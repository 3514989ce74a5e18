"""The state of tasks that somebody watches: one entry a task in the key-value bucket `tasks`, kept a day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from nats.errors import Error as NatsError
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from shared.messaging.stores import key_value

TaskState = Literal["enqueued", "running", "retrying", "succeeded", "failed", "dead"]
KEPT_SECONDS = 24 * 3600
_GIVEN_UP: tuple[TaskState, ...] = ("failed", "dead")


class TaskRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one task.

    Attributes:
        state: `retrying` waits for its next try; `failed` ended with an error that no retry mends;
            `dead` used up its tries and lies among the dead letters.
        attempts: How often it was begun.
        error: The last error's type and text.
        result: What the actor returned, when it succeeded.
    """

    task_id: str
    actor: str
    queue: str
    state: TaskState
    attempts: int = 0
    enqueued_at: datetime | None = None
    updated_at: datetime
    error: str | None = None
    result: Any = None


async def get_task(task_id: str) -> TaskRecord | None:
    """A task's record; None when it is unknown or older than a day."""
    try:
        entry = await (await _bucket()).get(_key(task_id))
    except KeyNotFoundError:
        return None
    return None if entry.value is None else msgspec.json.decode(entry.value, type=TaskRecord)


async def put_task(record: TaskRecord) -> None:
    """Keep a task's record in place of the earlier one."""
    await (await _bucket()).put(_key(record.task_id), msgspec.json.encode(record))


async def mark_enqueued(task_id: str, *, actor: str, queue: str) -> None:
    """Keep a first record, unless a worker was faster."""
    now = datetime.now(UTC)
    record = TaskRecord(
        task_id=task_id, actor=actor, queue=queue, state="enqueued", enqueued_at=now, updated_at=now
    )
    try:
        await (await _bucket()).create(_key(task_id), msgspec.json.encode(record))
    except KeyWrongLastSequenceError:
        return


async def note_dead(task_id: str, *, actor: str, queue: str, attempts: int, error: str) -> None:
    """Keep that a task was given up, unless its record says so already."""
    earlier = await get_task(task_id)
    if earlier is not None and earlier.state == "dead":
        return
    await put_task(
        TaskRecord(
            task_id=task_id,
            actor=actor,
            queue=queue,
            state="dead",
            attempts=attempts,
            enqueued_at=earlier.enqueued_at if earlier else None,
            updated_at=datetime.now(UTC),
            error=error,
        )
    )


@asynccontextmanager
async def noted_as_requeued(task_id: str, *, actor: str, queue: str) -> AsyncIterator[None]:
    """The record of a task that was given up says that it waits again, from before it is enqueued within.

    When that fails, the record says what it said. One that tells of something newer is left as it is.
    """
    kept, key, now = await _bucket(), _key(task_id), datetime.now(UTC)
    earlier = await _entry(kept, key)
    is_newer = earlier is not None and _record(earlier).state not in _GIVEN_UP
    record = TaskRecord(
        task_id=task_id, actor=actor, queue=queue, state="enqueued", enqueued_at=now, updated_at=now
    )
    noted = None if is_newer else await _replace(kept, key, earlier, msgspec.json.encode(record))
    try:
        yield
    except BaseException:
        if noted is not None:
            with suppress(KeyWrongLastSequenceError, NatsError, TimeoutError):
                await _take_back(kept, key, noted, earlier)
        raise


def _record(entry: KeyValue.Entry) -> TaskRecord:
    return msgspec.json.decode(entry.value or b"", type=TaskRecord)


async def _entry(kept: KeyValue, key: str) -> KeyValue.Entry | None:
    try:
        return await kept.get(key)
    except KeyNotFoundError:
        return None


async def _replace(kept: KeyValue, key: str, earlier: KeyValue.Entry | None, value: bytes) -> int | None:
    """The revision of the new value; None when somebody else was faster."""
    try:
        if earlier is None:
            return await kept.create(key, value)
        return await kept.update(key, value, last=earlier.revision)
    except KeyWrongLastSequenceError:
        return None


async def _take_back(kept: KeyValue, key: str, noted: int, earlier: KeyValue.Entry | None) -> None:
    if earlier is None:
        await kept.delete(key, last=noted)
    else:
        await kept.update(key, earlier.value or b"", last=noted)


async def ensure_tasks_bucket() -> None:
    """Make the bucket when it is missing."""
    await _bucket()


async def _bucket() -> KeyValue:
    return await key_value("tasks", ttl=KEPT_SECONDS)


def _key(task_id: str) -> str:
    """A task's key: a bucket takes ASCII alone, and refuses others as if it were not there."""
    return "".join(
        character if character.isascii() and (character.isalnum() or character in "-_") else "_"
        for character in task_id
    )
