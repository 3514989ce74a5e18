"""One decision about many proposals: each by itself, in one transaction."""

from uuid import UUID

from services.analysis.repository.proposal_changes import begin_bulk, end_bulk
from services.analysis.reviews.keeping import keep_decision
from services.analysis.reviews.locking import Locked, lock
from services.analysis.reviews.refusing import BECOMES, Decided, refusal
from shared.contracts.errors import QueryError, not_found
from shared.contracts.proposals import BulkReview, ReviewedProposal, ReviewProposals
from shared.messaging.transaction import transaction


async def decide_many(query: ReviewProposals) -> BulkReview:
    """Approve or reject many proposals, each with a log entry of its own; what cannot be says why.

    The second time, the answer of the first.

    Raises:
        QueryError: `conflict` when another bulk review had the id.
    """
    wanted = BECOMES[query.decision]
    async with transaction() as tx:
        known = await begin_bulk(tx, query)
        if known is not None:
            asked, items = known
            if asked != query:
                raise QueryError("conflict", f"Another bulk review had the id {query.bulk_id}.")
            return BulkReview(bulk_id=query.bulk_id, items=items)
        ids = list(dict.fromkeys(query.proposal_ids))
        locked = await lock(tx, ids)
        items = [_outcome(locked, proposal_id, wanted) for proposal_id in ids]
        accepted = [each.proposal_id for each in items if each.error is None]
        proposals = [locked.proposals[each] for each in accepted]
        waiting = [each for each in proposals if each.status != wanted]
        if waiting:
            await keep_decision(
                tx,
                locked,
                waiting,
                wanted,
                by=query.reviewed_by,
                reason=query.reason,
                bulk_id=query.bulk_id,
            )
        await end_bulk(tx, query.bulk_id, items)
        return BulkReview(bulk_id=query.bulk_id, items=items)


def _outcome(locked: Locked, proposal_id: UUID, wanted: Decided) -> ReviewedProposal:
    proposal = locked.proposals.get(proposal_id)
    if proposal is None:
        message = not_found(f"proposal {proposal_id}").body.message
        return ReviewedProposal(proposal_id=proposal_id, error=message)
    if proposal.status == wanted:
        return ReviewedProposal(proposal_id=proposal_id, status=wanted)
    why = refusal(proposal, locked.run_of(proposal))
    return ReviewedProposal(
        proposal_id=proposal_id, status=wanted if why is None else proposal.status, error=why
    )
