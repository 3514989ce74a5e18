"""How full the queues are: waiting, in progress, delayed, dead."""

import dataclasses
import json
from collections import Counter
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.naming import dead_letter_stream, queue_subjects, stream_name, unescape

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
    """

    queue: str
    ready: int
    in_progress: int
    delayed: int
    dead: int

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
    lag: Counter[str] = Counter()
    delayed: Counter[str] = Counter()
    for subject, count in (await _subjects(js, stream_name(namespace), f"{namespace}.wq.>")).items():
        token, kind = subject.split(".")[2:4]
        (lag if kind == "q" else delayed)[unescape(token)] += count
    dead = {
        unescape(subject.rpartition(".")[2]): count
        for subject, count in (
            await _subjects(js, dead_letter_stream(namespace), f"{namespace}.xq.*")
        ).items()
    }
    held = await _held(js, namespace)
    return [
        QueueStats(
            queue,
            ready=max(0, lag[queue] - held.get(queue, 0)),
            in_progress=held.get(queue, 0),
            delayed=delayed[queue],
            dead=dead.get(queue, 0),
        )
        for queue in sorted({*lag, *delayed, *dead, *held})
    ]


async def messages_left(js: JetStreamContext, namespace: str, queue: str) -> int:
    """Return how many messages of a queue are waiting, delayed or in progress, in one reading."""
    return sum((await _subjects(js, stream_name(namespace), queue_subjects(namespace, queue))).values())


async def _held(js: JetStreamContext, namespace: str) -> dict[str, int]:
    try:
        consumers: list[ConsumerInfo] = []
        while page := await js.consumers_info(stream_name(namespace), offset=len(consumers)):
            consumers.extend(page)
    except NotFoundError:
        return {}
    return {unescape(consumer.name): consumer.num_ack_pending or 0 for consumer in consumers}


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
