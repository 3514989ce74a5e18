"""Records of topics."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record, TaggedRecord


class TopicRecord(TaggedRecord, frozen=True, kw_only=True):
    """A topic.

    Attributes:
        name: 2 to 4 words, unique whatever the case.
        icon: One emoji.
        colour: `#rrggbb`.
        status: One that was proposed with a confidence below 0.7 needs review. One of `needs_review`,
            `approved`, `rejected`.
        version: The number of its present version, 1 as it was made; `drafts` wait for a decision.
        merged_into: The topic that took this one over.
        reviewed_by: Who decided last; None when nobody did.
        rule_id: The automation rule that approved it, where none of the people did.
    """

    id: int
    name: str
    description: str
    icon: str
    colour: str
    status: str
    confidence: float
    atoms: int = 0
    messages: int = 0
    version: int = 1
    drafts: int = 0
    merged_into: int | None = None
    run_id: UUID | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None
    created_at: datetime
    updated_at: datetime


class TopicPage(Record, frozen=True, kw_only=True):
    """A page of topics; `next_cursor` is None on the last page."""

    items: list[TopicRecord]
    next_cursor: str | None = None
