"""How full the queues are: waiting, in progress, delayed, dead, and how old."""

import dataclasses
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.naming import (
    PERIODIC,
    dead_letter_stream,
    queue_subjects,
    stream_name,
    unescape,
    work_subject,
)

_STREAM_NOT_FOUND = 10059


@dataclasses.dataclass(frozen=True, slots=True)
class QueueStats:
    """How full one queue is.

    Attributes:
      queue: Its name.
      ready: Messages that wait for a worker.
      in_progress: Messages that a worker holds, running or prefetched, or handed back a moment ago.
      delayed: Messages whose time has not come, retries included.
      dead: Dead letters.
      redelivered: Of those in progress, how many were delivered more than once.
      oldest_at: When the oldest message that is ready or in progress was stored, by the server's clock.
      oldest_age: Its age in seconds; both are None when there is none.
    """

    queue: str
    ready: int
    in_progress: int
    delayed: int
    dead: int
    redelivered: int = 0
    oldest_at: datetime | None = None
    oldest_age: float | None = None

    @property
    def lag(self) -> int:
        """Messages that are to be worked off now, as autoscalers count them: waiting and in progress."""
        return self.ready + self.in_progress


async def queue_stats(js: JetStreamContext, namespace: str) -> list[QueueStats]:
    """Return how full each queue is, by name; queues are those that have messages or a consumer.

    The cost grows with the number of delayed messages, each of which is a subject of its own: 100 bytes.

    Args:
      js: A JetStream context of any connection.
      namespace: The broker's namespace.
    """
    waiting: Counter[str] = Counter()
    delayed: Counter[str] = Counter()
    for subject, count in (await _subjects(js, stream_name(namespace), f"{namespace}.wq.>")).items():
        token, kind, *schedule = subject.split(".")[2:]
        if kind == "q":
            waiting[unescape(token)] += count
        elif not schedule[0].startswith(PERIODIC):
            delayed[unescape(token)] += count
    dead = {
        unescape(subject.rpartition(".")[2]): count
        for subject, count in (
            await _subjects(js, dead_letter_stream(namespace), f"{namespace}.xq.*")
        ).items()
    }
    known = await consumers(js, namespace)
    return [
        await _queue(
            js, namespace, queue, waiting[queue], delayed[queue], dead.get(queue, 0), known.get(queue)
        )
        for queue in sorted({*waiting, *delayed, *dead, *known})
    ]


async def _queue(  # noqa: PLR0913, PLR0917 - what is known of the queue
    js: JetStreamContext,
    namespace: str,
    queue: str,
    waiting: int,
    delayed: int,
    dead: int,
    consumer: ConsumerInfo | None,
) -> QueueStats:
    held = (consumer.num_ack_pending or 0) if consumer else 0
    oldest = await _oldest(js, namespace, queue) if waiting else None
    return QueueStats(
        queue,
        ready=max(0, waiting - held),
        in_progress=held,
        delayed=delayed,
        dead=dead,
        redelivered=(consumer.num_redelivered or 0) if consumer else 0,
        oldest_at=oldest,
        oldest_age=None if oldest is None else max(0.0, (datetime.now(UTC) - oldest).total_seconds()),
    )


async def _oldest(js: JetStreamContext, namespace: str, queue: str) -> datetime | None:
    try:
        raw = await js.get_msg(
            stream_name(namespace), seq=1, subject=work_subject(namespace, queue), next=True
        )
    except NotFoundError:
        return None
    return raw.time


async def messages_left(js: JetStreamContext, namespace: str, queue: str) -> int:
    """Return how many messages of a queue are waiting, delayed or in progress, in one reading.

    The schedules of periodic jobs are none of them: they are always there.
    """
    subjects = await _subjects(js, stream_name(namespace), queue_subjects(namespace, queue))
    periodic = f"{queue_subjects(namespace, queue)[:-1]}dq.{PERIODIC}"
    return sum(count for subject, count in subjects.items() if not subject.startswith(periodic))


async def consumers(js: JetStreamContext, namespace: str) -> dict[str, ConsumerInfo]:
    """Return what the server knows of each queue's consumer, by queue."""
    found: list[ConsumerInfo] = []
    try:
        while page := await js.consumers_info(stream_name(namespace), offset=len(found)):
            found.extend(page)
    except NotFoundError:
        return {}
    return {unescape(consumer.name): consumer for consumer in found}


async def _subjects(js: JetStreamContext, stream: str, subjects: str) -> dict[str, int]:
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
    if info["error"].get("err_code") == _STREAM_NOT_FOUND:
        return {}
    raise APIError.from_error(info["error"])
