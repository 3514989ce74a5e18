"""Records of versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tasktracker.record import Record


class FieldChange(Record, frozen=True, kw_only=True):
    """One field of a diff."""

    field: str
    before: Any
    after: Any


class VersionRecord(Record, frozen=True, kw_only=True):
    """A change of a topic or an atom, numbered per entity from 2: version 1 is what was made first.

    Attributes:
        entity: One of `topic`, `atom`.
        status: One of `draft`, `approved`, `rejected`.
        changes: Against the version that held when this one was written.
        similarity: Of what suggested the change to the entity, 0..1; None when a person wrote it.
        rule_id: The automation rule that decided, where none of the people did.
    """

    id: int
    entity: str
    entity_id: int
    number: int
    status: str
    changes: list[FieldChange]
    reason: str = ""
    confidence: float | None = None
    similarity: float | None = None
    run_id: UUID | None = None
    created_by: str | None = None
    created_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None


class VersionPage(Record, frozen=True, kw_only=True):
    """A page of versions, newest first; `next_cursor` is None on the last page."""

    items: list[VersionRecord]
    next_cursor: str | None = None
