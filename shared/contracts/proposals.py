"""What others may know of proposals: tasks that a run drew from the chat, with the words that prove them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.analysis import Person
from shared.contracts.base import Event, Query
from shared.contracts.ingestion import PageSize

Category = Literal["bug", "feature", "improvement", "question", "docs", "chore"]
Priority = Literal["low", "medium", "high", "critical"]
Recommendation = Literal["approve", "review", "reject"]
ProposalStatus = Literal["pending", "approved", "rejected", "merged"]
Novelty = Literal["new", "duplicate_of", "update_of"]
Decision = Literal["approve", "reject"]

_STORABLE = r"^[^\x00]*$"
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=_STORABLE)]
Description = Annotated[str, Meta(max_length=10_000, pattern=_STORABLE)]
Tag = Annotated[str, Meta(min_length=1, max_length=50, pattern=_STORABLE)]
Tags = Annotated[list[Tag], Meta(max_length=20)]
SubTask = Annotated[str, Meta(min_length=1, max_length=500, pattern=_STORABLE)]
SubTasks = Annotated[list[SubTask], Meta(max_length=30)]
Reason = Annotated[str, Meta(max_length=2000, pattern=_STORABLE)]


class ProposalQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a message, word for word."""

    message_id: int
    quote: str
    author_name: str | None = None
    sent_at: datetime | None = None


class SimilarProposal(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier proposal that a new one resembles.

    Attributes:
        similarity: Cosine of the two, 0..1.
    """

    proposal_id: UUID
    title: str
    status: ProposalStatus
    similarity: float


class ProposalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A task that somebody should do, as a run understands the chat.

    Attributes:
        batch: The run's batch that it comes from, from 1.
        component: The project's component that it is about.
        details: What the run's task config asks for beside.
        novelty: Whether it was proposed before: again the same (`duplicate_of`), or more of it (`update_of`).
        similar: The earlier proposal that is meant.
        confidence: 0..1; at most 0.6 in basic mode.
        edited: A person changed it.
        merged_into: The proposal that took it over.
        version: Grows with each change; an edit can name the one that it was made on.
    """

    id: UUID
    run_id: UUID
    project_id: UUID
    batch: int
    status: ProposalStatus
    title: str
    description: str
    category: Category
    priority: Priority
    tags: list[str] = []
    sub_tasks: list[str] = []
    component: str | None = None
    details: dict[str, Any] | None = None
    quotes: list[ProposalQuote]
    atom_ids: list[int] = []
    confidence: float
    reasoning: str
    recommendation: Recommendation
    novelty: Novelty = "new"
    similar: SimilarProposal | None = None
    basic_mode: bool = False
    edited: bool = False
    merged_into: UUID | None = None
    version: int = 1
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    created_at: datetime
    updated_at: datetime


class ProposalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Proposals, in the order of the list."""

    items: list[ProposalRecord]
    next_cursor: str | None = None


class ProposalChange(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the audit log, which is only ever added to.

    Attributes:
        change: What was done.
        before: The fields that changed, as they were; `after` as they became.
        bulk_id: The bulk review that it belongs to.
        reverts: The entry that it takes back.
    """

    id: int
    proposal_id: UUID
    change: Literal["created", "edited", "approved", "rejected", "merged", "reverted"]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    reason: str = ""
    bulk_id: UUID | None = None
    reverts: int | None = None
    changed_by: str | None
    changed_at: datetime


class ProposalChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of the audit log of one proposal, oldest first."""

    items: list[ProposalChange]
    next_cursor: str | None = None


class ReviewedProposal(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one proposal of a bulk review.

    Attributes:
        error: Why nothing was done.
    """

    proposal_id: UUID
    status: ProposalStatus | None = None
    error: str | None = None


class BulkReview(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk review did."""

    bulk_id: UUID
    items: list[ReviewedProposal]


class ListProposals(Query[ProposalPage], subject="analysis.list_proposals"):
    """Proposals, newest first, those of one batch in the order in which they were made."""

    run_id: UUID | None = None
    project_id: UUID | None = None
    status: ProposalStatus | None = None
    category: Category | None = None
    priority: Priority | None = None
    novelty: Novelty | None = None
    min_confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetProposal(Query[ProposalRecord], subject="analysis.get_proposal"):
    """One proposal; `not_found` when there is none with this id."""

    proposal_id: UUID


class EditProposal(Query[ProposalRecord], subject="analysis.edit_proposal"):
    """Change what is given of a proposal that waits; `conflict` when it is decided, or changed meanwhile."""

    proposal_id: UUID
    changed_by: Person
    version: int | None = None
    title: Title | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    category: Category | msgspec.UnsetType = msgspec.UNSET
    priority: Priority | msgspec.UnsetType = msgspec.UNSET
    tags: Tags | msgspec.UnsetType = msgspec.UNSET
    sub_tasks: SubTasks | msgspec.UnsetType = msgspec.UNSET


class ReviewProposal(Query[ProposalRecord], subject="analysis.review_proposal"):
    """Approve or reject. The same decision twice is harmless; another one on top of it is a `conflict`.

    So is any in a closed run.
    """

    proposal_id: UUID
    decision: Decision
    reviewed_by: Person
    reason: Reason = ""


class ReviewProposals(Query[BulkReview], subject="analysis.review_proposals"):
    """Approve or reject many, each by itself; what cannot be decided says why.

    The same bulk again answers the same and changes nothing; `conflict` when another one had the id.
    An id that is given twice is answered once.
    """

    bulk_id: UUID
    proposal_ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    decision: Decision
    reviewed_by: Person
    reason: Reason = ""


class MergeProposal(Query[ProposalRecord], subject="analysis.merge_proposal"):
    """Let another proposal of the project take one over, with its quotes; answers with the one that stays.

    The same merge twice is harmless. `conflict` when it is decided or has itself taken others over, when the
    other one was rejected or merged away, or would become too large; `invalid` into itself, or into one that
    is not of the project.
    """

    proposal_id: UUID
    into_id: UUID
    reviewed_by: Person
    reason: Reason = ""


class RevertProposal(Query[ProposalRecord], subject="analysis.revert_proposal"):
    """Take the decision back, so that it waits again; `conflict` when there is none, or the run is closed.

    The one that it was merged into gives back what it took over, but for what others merged into it have,
    too, and for tags that a person has edited since.
    """

    proposal_id: UUID
    reviewed_by: Person
    reason: Reason = ""


class ListProposalChanges(Query[ProposalChangePage], subject="analysis.list_proposal_changes"):
    """The audit log of one proposal, oldest first; `not_found` when there is none with this id."""

    proposal_id: UUID
    cursor: str | None = None
    limit: PageSize = 50


class ExportProposals(Query[ProposalPage], subject="analysis.export_proposals"):
    """Approved proposals of a run, a project, or all, oldest first; pages stay under half a mebibyte."""

    run_id: UUID | None = None
    project_id: UUID | None = None
    category: Category | None = None
    cursor: str | None = None


class GoldLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision on a proposal, by which models and prompts can be measured later.

    Attributes:
        label: What the person decided; what was edited first is told by `edited`.
    """

    proposal_id: UUID
    run_id: UUID
    label: Literal["approved", "rejected", "merged"]
    title: str
    category: Category
    priority: Priority
    confidence: float
    recommendation: Recommendation
    edited: bool
    model: str
    prompt: str
    quotes: list[ProposalQuote]
    reason: str = ""
    decided_by: str
    decided_at: datetime


class GoldLabelPage(msgspec.Struct, frozen=True, kw_only=True):
    """Gold labels in the order of their decisions."""

    items: list[GoldLabel]
    next_cursor: str | None = None


class ListGoldLabels(Query[GoldLabelPage], subject="analysis.list_gold_labels"):
    """Decisions that hold, oldest first."""

    project_id: UUID | None = None
    cursor: str | None = None
    limit: PageSize = 50


class ProposalReviewed(Event, event=("analysis.proposal_reviewed", "analysis", "analysis.proposal_reviewed")):
    """A person decided on a proposal, changed it, or took a decision back."""

    proposal: ProposalRecord
    change: Literal["edited", "approved", "rejected", "merged", "reverted"]
    by: str
