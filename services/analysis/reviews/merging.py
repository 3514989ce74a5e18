"""Letting one proposal take another one over."""

import msgspec

from services.analysis.repository.proposals import change_proposals, get_proposal, has_taken_over
from services.analysis.reviews.keeping import keep_decision
from services.analysis.reviews.locking import Locked, lock
from services.analysis.reviews.refusing import check_waits
from services.analysis.reviews.taking import Taken, message_ids, take_over, with_taken
from shared.contracts.errors import QueryError
from shared.contracts.proposals import MergeProposal, ProposalRecord
from shared.messaging.transaction import Transaction, transaction

LARGEST_PROPOSAL = 256 * 1024
"""Bytes as JSON that a proposal may have with what it takes over: several fit into one answer."""

_INTO = "into_id"


async def merge(query: MergeProposal) -> ProposalRecord:
    """Merge a proposal into another one, which keeps its own fields; returns that one.

    Raises:
        QueryError: As the contract says.
    """
    if query.into_id == query.proposal_id:
        raise QueryError("invalid", "A proposal cannot be merged into itself.", field=_INTO)
    async with transaction() as tx:
        locked = await lock(tx, [query.proposal_id, query.into_id])
        proposal = locked.proposal(query.proposal_id)
        if proposal.merged_into == query.into_id:
            return locked.proposal(query.into_id)
        check_waits(proposal, locked.run_of(proposal))
        target = _target(locked, query, proposal)
        if await has_taken_over(tx, proposal.id):
            raise QueryError(
                "conflict",
                f"Others are merged into {proposal.title!r}: merge the other way round, or take those back.",
            )
        taken = take_over(target, proposal)
        _check_size(target, taken)
        await keep_content(tx, target, with_taken(target, taken))
        await keep_decision(
            tx,
            locked,
            [proposal],
            "merged",
            by=query.reviewed_by,
            reason=query.reason,
            merged_into=target.id,
            details={"taken": taken},
        )
        return await get_proposal(tx, target.id)


async def keep_content(tx: Transaction, target: ProposalRecord, content: Taken) -> None:
    """Keep what a target has now, when that is another thing than before."""
    before = Taken(quotes=target.quotes, atom_ids=target.atom_ids, tags=target.tags)
    if content != before:
        await change_proposals(
            tx,
            [target.id],
            quotes=msgspec.to_builtins(content.quotes),
            message_ids=message_ids(content.quotes),
            atom_ids=content.atom_ids,
            tags=content.tags,
        )


def _target(locked: Locked, query: MergeProposal, proposal: ProposalRecord) -> ProposalRecord:
    target = locked.proposals.get(query.into_id)
    if target is None:
        raise QueryError("invalid", f"There is no proposal {query.into_id}.", field=_INTO)
    if target.project_id != proposal.project_id:
        raise QueryError("invalid", f"{target.title!r} is of another project.", field=_INTO)
    if target.status not in ("pending", "approved"):
        where = f" into {target.merged_into}" if target.merged_into is not None else ""
        raise QueryError(
            "conflict",
            f"{target.title!r} was {target.status}{where} by {target.decided_by}: choose one that stands.",
            field=_INTO,
        )
    return target


def _check_size(target: ProposalRecord, taken: Taken) -> None:
    size = len(msgspec.json.encode(target)) + len(msgspec.json.encode(taken))
    if size > LARGEST_PROPOSAL:
        raise QueryError(
            "conflict",
            f"{target.title!r} would have {size:,} bytes; {LARGEST_PROPOSAL:,} are allowed.",
            field=_INTO,
        )
