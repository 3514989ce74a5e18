"""Records of proposals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import field

from tasktracker.record import Record
from tasktracker.records.common import ProposalQuote


class ReviewedProposal(Record, frozen=True, kw_only=True):
    """What became of one proposal of a bulk review.

    Attributes:
        status: One of `pending`, `approved`, `rejected`, `merged`.
        error: Why nothing was done.
    """

    proposal_id: UUID
    status: str | None = None
    error: str | None = None


class BulkReview(Record, frozen=True, kw_only=True):
    """What a bulk review did."""

    bulk_id: UUID
    items: list[ReviewedProposal]


class GoldLabel(Record, frozen=True, kw_only=True):
    """A person's decision on a proposal, by which models and prompts can be measured later.

    Attributes:
        label: What the person decided; what was edited first is told by `edited`. One of `approved`,
            `rejected`, `merged`.
        category: One of `bug`, `feature`, `improvement`, `question`, `docs`, `chore`.
        priority: One of `low`, `medium`, `high`, `critical`.
        recommendation: One of `approve`, `review`, `reject`.
    """

    proposal_id: UUID
    run_id: UUID
    label: str
    title: str
    category: str
    priority: str
    confidence: float
    recommendation: str
    edited: bool
    model: str
    prompt: str
    quotes: list[ProposalQuote]
    reason: str = ""
    decided_by: str
    decided_at: datetime


class GoldLabelPage(Record, frozen=True, kw_only=True):
    """Gold labels in the order of their decisions."""

    items: list[GoldLabel]
    next_cursor: str | None = None


class ProposalChange(Record, frozen=True, kw_only=True):
    """One entry of the audit log, which is only ever added to.

    Attributes:
        change: What was done. One of `created`, `edited`, `approved`, `rejected`, `merged`, `reverted`.
        before: The fields that changed, as they were; `after` as they became.
        bulk_id: The bulk review that it belongs to.
        reverts: The entry that it takes back.
    """

    id: int
    proposal_id: UUID
    change: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    bulk_id: UUID | None = None
    reverts: int | None = None
    changed_by: str | None = None
    changed_at: datetime


class ProposalChangePage(Record, frozen=True, kw_only=True):
    """Entries of the audit log of one proposal, oldest first."""

    items: list[ProposalChange]
    next_cursor: str | None = None
