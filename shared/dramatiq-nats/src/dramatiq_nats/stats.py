"""How full the queues are: waiting, in progress, delayed, dead, and how old."""

import dataclasses
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.naming import (
    consumer_name,
    dead_letter_stream,
    line_subject,
    queue_subjects,
    schedules_subject,
    stream_name,
    unescape,
    work_subject,
)
from dramatiq_nats.pauses import FOR_EVER, paused_until

#: What the server calls that in its errors.
STREAM_NOT_FOUND = 10059
_FEW_SUBJECTS = 50_000
#: How the names of consumers end that count delayed messages; a queue's own never does, see `escape`.
_COUNTING = "=delayed"


@dataclasses.dataclass(frozen=True, slots=True)
class QueueStats:
    """How full one queue is.

    Attributes:
      queue: Its name.
      ready: Messages that wait for a worker.
      in_line: Messages that wait until the one before them with the same partition key has ended.
      in_progress: Messages that a worker holds, running or prefetched, or handed back a moment ago.
      delayed: Messages whose time has not come, retries included.
      dead: Dead letters.
      redelivered: Of those in progress, how many were delivered more than once.
      oldest_at: When the oldest message that is ready or in progress was stored, by the server's clock.
      oldest_age: Its age in seconds; both are None when there is none.
      paused: Whether it hands out nothing.
      paused_until: When it goes on by itself; None when it is not paused, or until it is resumed.
    """

    queue: str
    ready: int
    in_progress: int
    delayed: int
    dead: int
    in_line: int = 0
    redelivered: int = 0
    oldest_at: datetime | None = None
    oldest_age: float | None = None
    paused: bool = False
    paused_until: datetime | None = None

    @property
    def lag(self) -> int:
        """Messages that could be worked off now, as autoscalers count them: ready and in progress."""
        return self.ready + self.in_progress


async def queue_stats(js: JetStreamContext, namespace: str) -> list[QueueStats]:
    """Return how full each queue is, by name; queues are those that have messages or a consumer.

    It takes some milliseconds, whatever waits or is delayed, and a second for each 100,000 partitions that
    have work. With more than 50,000 delayed messages they are counted by a consumer of their own, which the
    server drops when it was not asked for five minutes.

    Args:
      js: A JetStream context of any connection.
      namespace: The broker's namespace.
    """
    work = await _count_work(js, namespace)
    dead = {
        unescape(subject.rpartition(".")[2]): count
        for subject, count in (
            await subject_counts(js, dead_letter_stream(namespace), f"{namespace}.xq.*")
        ).items()
    }
    known = await consumers(js, namespace)
    found: list[QueueStats] = []
    for queue in sorted({*work, *dead, *known}):
        counts = work[queue]
        oldest = [
            await _oldest(js, namespace, subject)
            for kind, subject in (
                ("q", work_subject(namespace, queue)),
                ("line", line_subject(namespace, queue, "*")),
            )
            if counts[kind]
        ]
        found.append(_queue(queue, counts, dead.get(queue, 0), known.get(queue), oldest))
    return found


async def _count_work(js: JetStreamContext, namespace: str) -> dict[str, Counter[str]]:
    """Return how many messages each queue has of each kind: q, turn, line and dq."""
    stream = stream_name(namespace)
    state = (await _stream_info(js, stream, {})).get("state", {})
    few = int(state.get("num_subjects", 0)) <= _FEW_SUBJECTS
    kinds = (">",) if few else ("q", "turn.*", "line.*")
    work: dict[str, Counter[str]] = defaultdict(Counter)
    for kind in kinds:
        for subject, count in (await subject_counts(js, stream, f"{namespace}.wq.*.{kind}")).items():
            token, name = subject.split(".")[2:4]
            work[unescape(token)][name] += count
    if not few:
        first = await _get_first(js, namespace, f"{namespace}.wq.*.dq.*")
        named = [unescape(str(first.subject).split(".")[2])] if first else []
        for queue in {*work, *named, *await consumers(js, namespace)}:
            work[queue]["dq"] = await _count_delayed(js, namespace, queue)
    return work


async def _count_delayed(js: JetStreamContext, namespace: str, queue: str) -> int:
    """Return how many messages are delayed, as a consumer counts them that never asks for one."""
    config = ConsumerConfig(
        name=f"{consumer_name(queue)}{_COUNTING}",
        filter_subject=schedules_subject(namespace, queue),
        ack_policy=AckPolicy.EXPLICIT,
        inactive_threshold=300,
        mem_storage=True,
        num_replicas=1,
    )
    return (await js.add_consumer(stream_name(namespace), config)).num_pending or 0


def _queue(
    queue: str,
    counts: Counter[str],
    dead: int,
    consumer: ConsumerInfo | None,
    oldest_of: list[datetime | None],
) -> QueueStats:
    held = (consumer.num_ack_pending or 0) if consumer else 0
    oldest = min((moment for moment in oldest_of if moment), default=None)
    paused = paused_until(consumer)
    return QueueStats(
        queue,
        ready=max(0, counts["q"] + counts["turn"] - held),
        in_progress=held,
        delayed=counts["dq"],
        dead=dead,
        # The first of each line is counted by its turn.
        in_line=max(0, counts["line"] - counts["turn"]),
        redelivered=(consumer.num_redelivered or 0) if consumer else 0,
        oldest_at=oldest,
        oldest_age=None if oldest is None else max(0.0, (datetime.now(UTC) - oldest).total_seconds()),
        paused=paused is not None,
        paused_until=None if paused == FOR_EVER else paused,
    )


async def _oldest(js: JetStreamContext, namespace: str, subject: str) -> datetime | None:
    first = await _get_first(js, namespace, subject)
    return None if first is None else first.time


async def is_empty(js: JetStreamContext, namespace: str, queue: str) -> bool:
    """Return whether nothing of a queue is waiting, delayed or in progress, in one reading."""
    return await _get_first(js, namespace, queue_subjects(namespace, queue)) is None


async def _get_first(js: JetStreamContext, namespace: str, subjects: str) -> RawStreamMsg | None:
    try:
        return await js.get_msg(stream_name(namespace), seq=1, subject=subjects, next=True)
    except NotFoundError:
        return None


async def consumers(js: JetStreamContext, namespace: str) -> dict[str, ConsumerInfo]:
    """Return what the server knows of each queue's consumer, by queue."""
    found: list[ConsumerInfo] = []
    try:
        while page := await js.consumers_info(stream_name(namespace), offset=len(found)):
            found.extend(page)
    except NotFoundError:
        return {}
    return {unescape(consumer.name): consumer for consumer in found if not consumer.name.endswith(_COUNTING)}


async def subject_counts(js: JetStreamContext, stream: str, subjects: str) -> dict[str, int]:
    """Return the number of messages by subject; none for a stream that is not there."""
    found: dict[str, int] = {}
    while True:
        info = await _stream_info(js, stream, {"subjects_filter": subjects, "offset": len(found)})
        page = info.get("state", {}).get("subjects") or {}
        found.update(page)
        if not page or len(found) >= int(info.get("total", 0)):
            return found


async def _stream_info(js: JetStreamContext, stream: str, request: dict[str, Any]) -> dict[str, Any]:
    # nats-py's own stream_info has no offset and so ends at 100,000 subjects.
    client: Client = js._nc  # noqa: SLF001 - the context has no public way to its client
    answer = await client.request(f"$JS.API.STREAM.INFO.{stream}", json.dumps(request).encode(), timeout=5)
    info: dict[str, Any] = json.loads(answer.data)
    if "error" not in info:
        return info
    if info["error"].get("err_code") == STREAM_NOT_FOUND:
        return {}
    raise APIError.from_error(info["error"])
