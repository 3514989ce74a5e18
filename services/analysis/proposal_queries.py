"""What analysis answers about proposals: found, edited, decided about, exported."""

from services.analysis.repository.gold_labels import TimeAndProposal, list_gold_labels
from services.analysis.repository.proposal_changes import ChangeId, list_changes
from services.analysis.repository.proposals import (
    PlaceInRuns,
    approved_proposals,
    get_proposal,
    list_proposals,
    place_of,
)
from services.analysis.reviews import bulk, deciding, editing, merging, reverting
from shared.contracts.proposals import (
    BulkReview,
    EditProposal,
    ExportProposals,
    GetProposal,
    GoldLabelPage,
    ListGoldLabels,
    ListProposalChanges,
    ListProposals,
    MergeProposal,
    ProposalChangePage,
    ProposalPage,
    ProposalRecord,
    RevertProposal,
    ReviewProposal,
    ReviewProposals,
)
from shared.database.cursors import read_cursor, write_cursor
from shared.database.pages import cut
from shared.messaging.transaction import Transaction, transaction

_EXPORTED = 100
"""Proposals a page of an export."""


async def page_of_proposals(query: ListProposals) -> ProposalPage:
    """Proposals, newest first, those of one batch in their order."""
    after = read_cursor(query.cursor, PlaceInRuns)
    async with transaction() as tx:
        return await _page(tx, await list_proposals(tx, query, after), query.limit)


async def export_proposals(query: ExportProposals) -> ProposalPage:
    """Approved proposals, oldest first."""
    after = read_cursor(query.cursor, PlaceInRuns)
    async with transaction() as tx:
        return await _page(tx, await approved_proposals(tx, query, after, _EXPORTED + 1), _EXPORTED)


async def find_proposal(query: GetProposal) -> ProposalRecord:
    """One proposal."""
    async with transaction() as tx:
        return await get_proposal(tx, query.proposal_id)


async def edit_proposal(query: EditProposal) -> ProposalRecord:
    """Change what is given of a proposal that waits."""
    return await editing.edit(query)


async def review_proposal(query: ReviewProposal) -> ProposalRecord:
    """Approve or reject a proposal."""
    return await deciding.decide(query)


async def review_proposals(query: ReviewProposals) -> BulkReview:
    """Approve or reject many, each by itself."""
    return await bulk.decide_many(query)


async def merge_proposal(query: MergeProposal) -> ProposalRecord:
    """Let another proposal take one over."""
    return await merging.merge(query)


async def revert_proposal(query: RevertProposal) -> ProposalRecord:
    """Take the last decision back."""
    return await reverting.revert(query)


async def page_of_proposal_changes(query: ListProposalChanges) -> ProposalChangePage:
    """The audit log of one proposal, oldest first."""
    after = read_cursor(query.cursor, ChangeId)
    async with transaction() as tx:
        await get_proposal(tx, query.proposal_id)
        found = await list_changes(tx, query, after)
    page, more = cut(found, query.limit)
    return ProposalChangePage(items=page, next_cursor=write_cursor(ChangeId(page[-1].id)) if more else None)


async def page_of_gold_labels(query: ListGoldLabels) -> GoldLabelPage:
    """Decisions that hold, oldest first."""
    after = read_cursor(query.cursor, TimeAndProposal)
    async with transaction() as tx:
        found = await list_gold_labels(tx, query, after)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndProposal(page[-1].decided_at, page[-1].proposal_id)) if more else None
    return GoldLabelPage(items=page, next_cursor=cursor)


async def _page(tx: Transaction, found: list[ProposalRecord], limit: int) -> ProposalPage:
    page, more = cut(found, limit)
    cursor = write_cursor(await place_of(tx, page[-1].id)) if more else None
    return ProposalPage(items=page, next_cursor=cursor)
