"""Records of tasks."""

from datetime import datetime
from typing import Any

from tasktracker.record import Record


class CatalogueEntry(Record, frozen=True, kw_only=True):
    """One task that can be enqueued.

    Attributes:
        actor: Its name, as it shows in traces, metrics and dead letters.
        queue: The queue of the service that runs it.
        description: What it does, and what makes a second run harmless.
        arguments: JSON schema of its arguments.
    """

    actor: str
    queue: str
    description: str
    arguments: dict[str, Any]


class CatalogueItems(Record, frozen=True, kw_only=True):
    """Every task, by queue and name."""

    items: list[CatalogueEntry]
    next_cursor: str | None = None


class TaskRecord(Record, frozen=True, kw_only=True):
    """What is known of one task.

    Attributes:
        state: `retrying` waits for its next try; `failed` ended with an error that no retry mends; `dead`
            used up its tries and lies among the dead letters. One of `enqueued`, `running`, `retrying`,
            `succeeded`, `failed`, `dead`.
        attempts: How often it was begun.
        error: The last error's type and text.
        result: What the actor returned, when it succeeded.
    """

    task_id: str
    actor: str
    queue: str
    state: str
    attempts: int = 0
    enqueued_at: datetime | None = None
    updated_at: datetime
    error: str | None = None
    result: Any = None
