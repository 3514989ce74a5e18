"""Taking a decision back."""

from services.analysis.repository.proposal_changes import (
    add_changes,
    last_decision,
    last_edit_of_tags,
    merges_into,
)
from services.analysis.repository.proposals import change_proposals, find_proposals
from services.analysis.reviews.keeping import settle
from services.analysis.reviews.locking import Locked, lock
from services.analysis.reviews.merging import keep_content
from services.analysis.reviews.refusing import check_decided
from services.analysis.reviews.taking import Merged, give_back
from shared.contracts.errors import QueryError
from shared.contracts.proposals import ProposalRecord, RevertProposal
from shared.messaging.transaction import Transaction, transaction

_TRIES = 5
_WAITS = {"status": "pending", "decided_by": None, "decided_at": None, "reason": "", "merged_into": None}


async def revert(query: RevertProposal) -> ProposalRecord:
    """Take the last decision about a proposal back, so that it waits again.

    Raises:
        QueryError: `not_found`; `conflict` when there is no decision, or the run is closed.
    """
    for _ in range(_TRIES):
        async with transaction() as tx:
            locked = await lock(tx, [query.proposal_id], with_targets=True)
            proposal = locked.proposal(query.proposal_id)
            if proposal.merged_into is None or proposal.merged_into in locked.proposals:
                return await _take_back(tx, locked, proposal, query)
    raise QueryError("conflict", "Others decide about this proposal at this moment: look at it again.")


async def _take_back(
    tx: Transaction, locked: Locked, proposal: ProposalRecord, query: RevertProposal
) -> ProposalRecord:
    check_decided(proposal, locked.run_of(proposal))
    before = {"status": proposal.status, "decided_by": proposal.decided_by, "reason": proposal.reason}
    if proposal.merged_into is not None:
        before["merged_into"] = str(proposal.merged_into)
        await _give_back(tx, locked.proposals[proposal.merged_into], proposal)
    reverts = await last_decision(tx, proposal.id)
    await change_proposals(tx, [proposal.id], **_WAITS)
    entry = {
        "proposal_id": proposal.id,
        "change": "reverted",
        "before": before,
        "after": {"status": "pending"},
        "reason": query.reason,
        "reverts": reverts,
        "changed_by": query.reviewed_by,
    }
    await add_changes(tx, [entry])
    (reverted,) = await settle(tx, locked, [proposal.id], "reverted", by=query.reviewed_by)
    return reverted


async def _give_back(tx: Transaction, target: ProposalRecord, leaving: ProposalRecord) -> None:
    entries = await merges_into(tx, target.id)
    edited_at = await last_edit_of_tags(tx, target.id)
    ids = [each.proposal_id for each in entries if each.holds and each.proposal_id != leaving.id]
    remaining = await find_proposals(tx, ids)
    merges = [
        Merged(
            taken=each.taken,
            remains=remaining.get(each.proposal_id) if each.holds else None,
            edited_since=each.id < edited_at,
        )
        for each in entries
    ]
    await keep_content(tx, target, give_back(target, merges))
