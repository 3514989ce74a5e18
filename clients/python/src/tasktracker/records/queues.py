"""Records of queues."""

from datetime import datetime

from tasktracker.record import Record


class QueueRecord(Record, frozen=True, kw_only=True):
    """How full one queue is, and who works on it.

    Attributes:
        queue: Its name, which is the service's.
        ready: Tasks that wait for a worker.
        in_progress: Tasks that a worker holds, running or about to.
        in_line: Tasks that wait for one before them with the same key.
        delayed: Tasks whose time has not come, retries included.
        lag: Tasks that could be worked off now: ready and in progress.
        redelivered: Of those in progress, how many were handed out more than once, as a worker was killed.
        dead: Dead letters.
        oldest_at: When the oldest task that is ready or in progress came; null when there is none.
        oldest_seconds: Its age.
        paused: Whether it hands out nothing.
        paused_until: When it goes on by itself; null when it is not paused, or until it is resumed.
        workers: Worker processes that take from it.
        threads: Tasks that they can run at the same time.
        busy: Tasks that they run at this moment.
    """

    queue: str
    ready: int
    in_progress: int
    in_line: int
    delayed: int
    lag: int
    redelivered: int
    dead: int
    oldest_at: datetime | None = None
    oldest_seconds: float | None = None
    paused: bool = False
    paused_until: datetime | None = None
    workers: int = 0
    threads: int = 0
    busy: int = 0


class QueueItems(Record, frozen=True, kw_only=True):
    """Every queue, by name."""

    items: list[QueueRecord]
    next_cursor: str | None = None
