"""Records of automation rules."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class RuleRecord(Record, frozen=True, kw_only=True):
    """An automation rule: approves by itself what is sure enough.

    Attributes:
        applies_to: `topic` and `atom` are new ones, `topic_version` and `atom_version` drafts of changes.
        min_confidence: At least this, 0..1.
        min_similarity: At least this, 0..1; for versions.
        atom_types: Only these; empty for all.
        approved: How many of its approvals stand.
    """

    id: UUID
    name: str
    enabled: bool
    applies_to: str
    min_confidence: float
    min_similarity: float
    atom_types: list[str]
    approved: int = 0
    created_by: str
    created_at: datetime


class RuleItems(Record, frozen=True, kw_only=True):
    """All automation rules, by name."""

    items: list[RuleRecord]
    next_cursor: str | None = None
