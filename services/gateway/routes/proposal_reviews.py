"""What people decide about proposals: approved, rejected, merged, many at once, taken back."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post
from litestar.params import FromPath, JSONBody

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import change_once, person
from services.gateway.routes.parameters import IdempotencyKey
from services.gateway.routes.proposal_bodies import Because, MergeIntoProposal, ReviewOfMany
from services.gateway.routes.proposal_examples import APPROVED, PROPOSAL, REJECTED, REVIEWED
from shared.contracts.proposals import (
    BulkReview,
    Decision,
    MergeProposal,
    ProposalRecord,
    RevertProposal,
    ReviewProposal,
    ReviewProposals,
)

_TIMEOUT = 30.0
_CHANGES_ONE = answers(400, 404, 409, 415)


@post(
    "/bulk",
    status_code=200,
    summary="Review many proposals",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(200, BulkReview, REVIEWED, "What became of each")},
)
async def review_proposals(
    request: Request[Any, Any, Any], data: JSONBody[ReviewOfMany], idempotency_key: IdempotencyKey = None
) -> Response[BulkReview]:
    """Approve or reject many proposals. One that cannot be stops no other, and says why in `error`."""
    del idempotency_key
    by = person(request)
    return await change_once(
        request,
        lambda run_id: ReviewProposals(
            bulk_id=run_id,
            proposal_ids=data.ids,
            decision=data.decision,
            reviewed_by=by,
            reason=data.reason,
        ),
        renamed={"proposal_ids": "ids"},
        timeout=_TIMEOUT,
    )


@post(
    "/{proposal_id:uuid}/approve",
    status_code=200,
    summary="Approve a proposal",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, ProposalRecord, APPROVED, "The proposal as it is now")},
)
async def approve_proposal(
    request: Request[Any, Any, Any],
    proposal_id: FromPath[UUID],
    data: JSONBody[Because | None] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[ProposalRecord]:
    """Approve a proposal; once more is harmless. 409 when it was decided otherwise, with by whom and when."""
    del idempotency_key
    return await _decide(request, proposal_id, "approve", data)


@post(
    "/{proposal_id:uuid}/reject",
    status_code=200,
    summary="Reject a proposal",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, ProposalRecord, REJECTED, "The proposal as it is now")},
)
async def reject_proposal(
    request: Request[Any, Any, Any],
    proposal_id: FromPath[UUID],
    data: JSONBody[Because | None] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[ProposalRecord]:
    """Reject a proposal; once more is harmless. 409 when it was decided otherwise, with by whom and when."""
    del idempotency_key
    return await _decide(request, proposal_id, "reject", data)


@post(
    "/{proposal_id:uuid}/merge",
    status_code=200,
    summary="Merge a proposal into another",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, ProposalRecord, PROPOSAL, "The one that stays")},
)
async def merge_proposal(
    request: Request[Any, Any, Any],
    proposal_id: FromPath[UUID],
    data: JSONBody[MergeIntoProposal],
    idempotency_key: IdempotencyKey = None,
) -> Response[ProposalRecord]:
    """Say that this proposal is the same as another of its project, which takes its quotes, atoms and tags.

    Title, description and the like of the other one stay. It may be of an earlier run. 409 when this one is
    decided or has taken others over, or when the other one was rejected or merged away.
    """
    del idempotency_key
    query = MergeProposal(
        proposal_id=proposal_id, into_id=data.into, reviewed_by=person(request), reason=data.reason
    )
    return await change_once(request, lambda _: query, renamed={"into_id": "into"})


@post(
    "/{proposal_id:uuid}/revert",
    status_code=200,
    summary="Take a decision back",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, ProposalRecord, PROPOSAL, "The proposal, which waits again")},
)
async def revert_proposal(
    request: Request[Any, Any, Any],
    proposal_id: FromPath[UUID],
    data: JSONBody[Because | None] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[ProposalRecord]:
    """Take the last decision back, so that the proposal waits again; 409 when there is none.

    A merge gives back what the other one took over. 409 also once the run is closed.
    """
    del idempotency_key
    query = RevertProposal(proposal_id=proposal_id, reviewed_by=person(request), reason=_reason(data))
    return await change_once(request, lambda _: query)


async def _decide(
    request: Request[Any, Any, Any], proposal_id: UUID, decision: Decision, because: Because | None
) -> Response[ProposalRecord]:
    query = ReviewProposal(
        proposal_id=proposal_id,
        decision=decision,
        reviewed_by=person(request),
        reason=_reason(because),
    )
    return await change_once(request, lambda _: query)


def _reason(because: Because | None) -> str:
    return "" if because is None else because.reason


proposal_reviews_router = Router(
    "/proposals",
    route_handlers=[review_proposals, approve_proposal, reject_proposal, merge_proposal, revert_proposal],
    tags=["proposals"],
)
