"""Records of knowledge."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import field

from tasktracker.record import Record


class ChangeRecord(Record, frozen=True, kw_only=True):
    """One change by a person, an automation rule, or an extraction that merges.

    The log is never rewritten.

    Attributes:
        entity: One of `topic`, `atom`, `rule`.
        entity_id: The topic or the atom; None for a change of a rule, which `rule_id` names.
        change: One of `created`, `edited`, `reviewed`, `merged`, `unmerged`, `superseded`, `linked`,
            `unlinked`, `deleted`, `labelled`, `unlabelled`.
        by: The person; None when it was a rule, which `rule_id` names, or an extraction.
        details: What is particular to the change, for example `{"status": "approved", "was": "rejected"}`.
    """

    id: int
    entity: str
    entity_id: int | None = None
    change: str
    by: str | None = None
    rule_id: UUID | None = None
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime


class ChangePage(Record, frozen=True, kw_only=True):
    """A page of changes, newest first; `next_cursor` is None on the last page."""

    items: list[ChangeRecord]
    next_cursor: str | None = None


class PendingChat(Record, frozen=True, kw_only=True):
    """What waits of one chat."""

    chat_id: int
    waiting: int
    oldest_at: datetime


class SetAsideMessage(Record, frozen=True, kw_only=True):
    """A message that no extraction is set off for any more, as those that held it failed too often.

    It is extracted when a person asks for it by its id, and waits anew when its text changes.
    """

    message_id: int
    chat_id: int
    failures: int
    reason: str


class PendingState(Record, frozen=True, kw_only=True):
    """Messages that wait for an extraction.

    Attributes:
        waiting: Within the look-back; `threshold` of them set one off.
        claimed: In extractions that have not ended.
        paused: Why nothing is set off, for a person; None when nothing stands in the way.
        set_aside: Messages that extractions failed on too often.
        set_aside_messages: The latest of them, at most twenty.
    """

    waiting: int
    claimed: int
    threshold: int
    lookback_hours: float
    chats: list[PendingChat] = field(default_factory=list)
    paused: str | None = None
    set_aside: int = 0
    set_aside_messages: list[SetAsideMessage] = field(default_factory=list)


class KnowledgeStats(Record, frozen=True, kw_only=True):
    """Counts of what there is: topics and atoms by status, atoms by type, drafts that wait."""

    topics: dict[str, int]
    atoms: dict[str, int]
    atom_types: dict[str, int]
    links: int
    drafts: int
    pending: PendingState
