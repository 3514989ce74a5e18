"""Records of workers."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class RunningTask(Record, frozen=True, kw_only=True):
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


class WorkerRecord(Record, frozen=True, kw_only=True):
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


class WorkerItems(Record, frozen=True, kw_only=True):
    """Every worker process, by service, host and pid."""

    items: list[WorkerRecord]
    next_cursor: str | None = None
