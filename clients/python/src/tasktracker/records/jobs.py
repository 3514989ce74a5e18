"""Records of jobs."""

from datetime import datetime
from uuid import UUID

from msgspec import field

from tasktracker.record import Record


class HistoryChatRecord(Record, frozen=True, kw_only=True):
    """How far a job is in one of its chats.

    Attributes:
        telegram_id: In Bot API form; the old half of a migrated group stands by itself.
        status: One of `pending`, `running`, `completed`, `failed`.
        messages_total: About how many there are, by Telegram's count; None before the chat was begun, and
            for a part of its history.
    """

    telegram_id: int
    title: str | None = None
    status: str
    messages_fetched: int = 0
    messages_total: int | None = None


class JobErrorRecord(Record, frozen=True, kw_only=True):
    """One message that could not be read, where it stood and why."""

    position: str
    reason: str


class JobRecord(Record, frozen=True, kw_only=True):
    """An ingestion job and its counters.

    Attributes:
        id: The job's id, which is also the run_id and the trace id of its chain.
        kind: `export` is a file, `history` is chats that a Telegram account reads.
        status: One of `pending`, `running`, `completed`, `failed`, `cancelled`.
        source_name: The file's name, or the chats' titles, for a person.
        messages_fetched: Messages read so far, unreadable ones included.
        messages_stored: New messages among them.
        messages_skipped: Messages that were known already.
        errors_count: Messages that could not be read; `error_log` has the first hundred of them.
        total_batches: None until the whole file was read.
        failure: For a failed job: what happened and what to do, in a sentence or two.
        waiting_until: When the job goes on, while it waits for Telegram; `waiting_for` says why.
        since: Of a history: only messages sent at or after this time; `until`: before that time.
        chats: Of a history: how far each of its chats is. Lists of jobs leave it out.
    """

    id: UUID
    kind: str
    status: str
    source_name: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    messages_fetched: int = 0
    messages_stored: int = 0
    messages_skipped: int = 0
    errors_count: int = 0
    current_batch: int = 0
    total_batches: int | None = None
    error_log: list[JobErrorRecord] = field(default_factory=list)
    failure: str | None = None
    waiting_until: datetime | None = None
    waiting_for: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    chats: list[HistoryChatRecord] = field(default_factory=list)


class JobPage(Record, frozen=True, kw_only=True):
    """A page of jobs, newest first; `next_cursor` is None on the last page."""

    items: list[JobRecord]
    next_cursor: str | None = None
