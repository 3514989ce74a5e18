"""Approving and rejecting one proposal."""

from services.analysis.reviews.keeping import keep_decision
from services.analysis.reviews.locking import lock
from services.analysis.reviews.refusing import BECOMES, check_waits
from shared.contracts.proposals import ProposalRecord, ReviewProposal
from shared.messaging.transaction import transaction


async def decide(query: ReviewProposal) -> ProposalRecord:
    """Approve or reject a proposal; what was decided so already is answered as it stands.

    Raises:
        QueryError: `not_found`; `conflict`, with who decided otherwise.
    """
    wanted = BECOMES[query.decision]
    async with transaction() as tx:
        locked = await lock(tx, [query.proposal_id])
        proposal = locked.proposal(query.proposal_id)
        if proposal.status == wanted:
            return proposal
        check_waits(proposal, locked.run_of(proposal))
        (decided,) = await keep_decision(
            tx, locked, [proposal], wanted, by=query.reviewed_by, reason=query.reason
        )
        return decided
