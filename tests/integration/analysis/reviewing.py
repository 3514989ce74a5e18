"""What persons decide about proposals, in the tests' words."""

from typing import Any
from uuid import UUID, uuid4

from services.analysis import proposal_queries
from services.analysis.repository.runs import run_record
from shared.contracts.proposals import (
    BulkReview,
    Decision,
    EditProposal,
    GetProposal,
    ListProposalChanges,
    MergeProposal,
    ProposalChange,
    ProposalRecord,
    RevertProposal,
    ReviewProposal,
    ReviewProposals,
)
from shared.contracts.runs import RunRecord
from shared.messaging.transaction import transaction

BY = "Олена"


async def found(proposal_id: UUID) -> ProposalRecord:
    """A proposal as it is."""
    return await proposal_queries.find_proposal(GetProposal(proposal_id=proposal_id))


async def decided(
    proposal_id: UUID, decision: Decision = "approve", by: str = BY, reason: str = ""
) -> ProposalRecord:
    """A proposal once a person has decided."""
    query = ReviewProposal(proposal_id=proposal_id, decision=decision, reviewed_by=by, reason=reason)
    return await proposal_queries.review_proposal(query)


async def merged(proposal_id: UUID, into: UUID, by: str = BY, reason: str = "") -> ProposalRecord:
    """The proposal that took another one over."""
    query = MergeProposal(proposal_id=proposal_id, into_id=into, reviewed_by=by, reason=reason)
    return await proposal_queries.merge_proposal(query)


async def reverted(proposal_id: UUID, by: str = BY, reason: str = "") -> ProposalRecord:
    """A proposal once the decision is taken back."""
    query = RevertProposal(proposal_id=proposal_id, reviewed_by=by, reason=reason)
    return await proposal_queries.revert_proposal(query)


async def edited(proposal_id: UUID, **given: Any) -> ProposalRecord:
    """A proposal once a person has changed it."""
    defaults: dict[str, Any] = {"proposal_id": proposal_id, "changed_by": BY}
    return await proposal_queries.edit_proposal(EditProposal(**(defaults | given)))


async def bulk(
    proposal_ids: list[UUID], decision: Decision = "approve", bulk_id: UUID | None = None, by: str = BY
) -> BulkReview:
    """What became of a bulk review."""
    query = ReviewProposals(
        bulk_id=bulk_id or uuid4(), proposal_ids=proposal_ids, decision=decision, reviewed_by=by
    )
    return await proposal_queries.review_proposals(query)


async def log(proposal_id: UUID, limit: int = 50) -> list[ProposalChange]:
    """The audit log of a proposal, over its pages."""
    cursor, entries = None, []
    while True:
        query = ListProposalChanges(proposal_id=proposal_id, cursor=cursor, limit=limit)
        page = await proposal_queries.page_of_proposal_changes(query)
        assert len(page.items) <= limit
        entries += page.items
        cursor = page.next_cursor
        if cursor is None:
            return entries


async def run_of(proposal_id: UUID) -> RunRecord:
    """The run of a proposal, with its counters."""
    run_id = (await found(proposal_id)).run_id
    async with transaction() as tx:
        return await run_record(tx, run_id)
