"""Records of extractions."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class ExtractionRecord(Record, frozen=True, kw_only=True):
    """One extraction: its id is its run_id and its trace.

    Attributes:
        status: One of `pending`, `running`, `completed`, `failed`, `cancelled`.
        trigger: One of `threshold`, `manual`, `schedule`.
        messages: Claimed for it.
        quotes_dropped: Quotes that no message has word for word; never saved.
        atoms_dropped: Atoms that were left with no verified quote; never saved.
        atoms_refused: Atoms and topics that repeat the prompt instead of the conversation; never saved.
        cached_calls: Calls that the cache answered.
        stopped_by: `cost_cap` or `token_cap` when a cap ended it early, with what was done kept.
        failure: For a failed one: what happened and what to do.
        started_by: The person who asked for it; None when the threshold did.
    """

    id: UUID
    status: str
    trigger: str
    agent_id: UUID | None = None
    agent_name: str | None = None
    provider_name: str | None = None
    model: str | None = None
    basic_mode: bool = False
    prompt: str | None = None
    messages: int = 0
    topics_created: int = 0
    topics_matched: int = 0
    atoms_created: int = 0
    atoms_merged: int = 0
    links_created: int = 0
    versions_created: int = 0
    quotes_dropped: int = 0
    atoms_dropped: int = 0
    atoms_refused: int = 0
    calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    stopped_by: str | None = None
    failure: str | None = None
    started_by: str | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ExtractionPage(Record, frozen=True, kw_only=True):
    """A page of extractions, newest first; `next_cursor` is None on the last page."""

    items: list[ExtractionRecord]
    next_cursor: str | None = None


class ExtractionsAccepted(Record, frozen=True, kw_only=True):
    """Extractions that have begun; `task_id`, `run_id` and `status_url` are the first one's.

    Attributes:
        task_id: The task, for `GET /api/v1/tasks/{task_id}`.
        run_id: The chain of everything that follows; also the id of its trace.
        status_url: Where to see how it goes.
        items: All of them: each has at most 50 messages.
    """

    task_id: str
    run_id: UUID
    status_url: str
    items: list[ExtractionRecord]
