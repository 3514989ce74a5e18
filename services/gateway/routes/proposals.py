"""Proposals: what a run says should be done, listed, shown and edited."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, patch
from litestar.params import FromPath, JSONBody

from services.gateway.etags import IfMatch, IfNoneMatch, by_version, edit, show, version_seen
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import person
from services.gateway.routes.parameters import Cursor, Limit
from services.gateway.routes.proposal_bodies import (
    CategoryFilter,
    ConfidenceFilter,
    NoveltyFilter,
    PriorityFilter,
    ProjectFilter,
    ProposalEdit,
    RunFilter,
    StatusFilter,
)
from services.gateway.routes.proposal_examples import CHANGES, GOLD_LABEL, PROPOSAL
from shared.contracts.proposals import (
    EditProposal,
    GetProposal,
    GoldLabelPage,
    ListGoldLabels,
    ListProposalChanges,
    ListProposals,
    ProposalChangePage,
    ProposalPage,
    ProposalRecord,
)
from shared.contracts.runs import GetRun
from shared.messaging.queries import ask

_PAGE = shown(200, ProposalPage, ProposalPage(items=[PROPOSAL]), "Proposals, newest first")


@get(
    "/",
    summary="List proposals",
    operation_class=DescribedOperation,
    responses={**answers(), **_PAGE},
)
async def list_proposals(  # noqa: PLR0913, PLR0917 - its filters
    run_id: RunFilter = None,
    project_id: ProjectFilter = None,
    status: StatusFilter = None,
    category: CategoryFilter = None,
    priority: PriorityFilter = None,
    novelty: NoveltyFilter = None,
    min_confidence: ConfidenceFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ProposalPage:
    """Proposals, newest first, those of one batch in the order in which they were made.

    A page ends before it has more than half a mebibyte, so it may have fewer than `limit`.
    """
    query = ListProposals(
        run_id=run_id,
        project_id=project_id,
        status=status,
        category=category,
        priority=priority,
        novelty=novelty,
        min_confidence=min_confidence,
        cursor=cursor,
        limit=limit,
    )
    return await ask(query)


@get(
    "/{run_id:uuid}/proposals",
    summary="List a run's proposals",
    operation_class=DescribedOperation,
    responses={**answers(404), **_PAGE},
)
async def list_proposals_of_run(  # noqa: PLR0913, PLR0917 - its filters
    run_id: FromPath[UUID],
    status: StatusFilter = None,
    category: CategoryFilter = None,
    priority: PriorityFilter = None,
    novelty: NoveltyFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ProposalPage:
    """What a run proposes, its newest batch first; also while it is still running."""
    page = await ask(
        ListProposals(
            run_id=run_id,
            status=status,
            category=category,
            priority=priority,
            novelty=novelty,
            cursor=cursor,
            limit=limit,
        )
    )
    if not page.items:
        await ask(GetRun(run_id=run_id))
    return page


@get(
    "/gold-labels",
    summary="List gold labels",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, GoldLabelPage, GoldLabelPage(items=[GOLD_LABEL]), "Decisions that hold, oldest first"),
    },
)
async def list_gold_labels(
    project_id: ProjectFilter = None, cursor: Cursor = None, limit: Limit = 50
) -> GoldLabelPage:
    """What people decided about proposals, with the model and prompt that made them; to measure others by."""
    return await ask(ListGoldLabels(project_id=project_id, cursor=cursor, limit=limit))


@get(
    "/{proposal_id:uuid}",
    summary="Get a proposal",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ProposalRecord, PROPOSAL, "The proposal")},
)
async def get_proposal(
    request: Request[Any, Any, Any], proposal_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[ProposalRecord]:
    """One proposal, with the words that prove it."""
    del if_none_match
    return show(request, await ask(GetProposal(proposal_id=proposal_id)), by_version)


@patch(
    "/{proposal_id:uuid}",
    summary="Edit a proposal",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, ProposalRecord, PROPOSAL, "The proposal as it is now"),
    },
)
async def edit_proposal(
    request: Request[Any, Any, Any],
    proposal_id: FromPath[UUID],
    data: JSONBody[ProposalEdit],
    if_match: IfMatch = None,
) -> Response[ProposalRecord]:
    """Change what is given of a proposal that waits; what it quotes cannot be changed.

    409 once it is decided, with who decided what, or when `version` is given and it was changed since.
    """
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    given = fields.pop("version")
    return await edit(
        request,
        GetProposal(proposal_id=proposal_id),
        by_version,
        lambda seen: EditProposal(
            proposal_id=proposal_id, changed_by=by, version=version_seen(given, seen), **fields
        ),
    )


@get(
    "/{proposal_id:uuid}/changes",
    summary="List a proposal's changes",
    operation_class=DescribedOperation,
    responses={
        **answers(404),
        **shown(200, ProposalChangePage, ProposalChangePage(items=CHANGES), "Its log, oldest first"),
    },
)
async def list_changes(
    proposal_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> ProposalChangePage:
    """Who changed and decided what, when and why; `reverts` names the entry that was taken back."""
    return await ask(ListProposalChanges(proposal_id=proposal_id, cursor=cursor, limit=limit))


proposals_router = Router(
    "/proposals",
    route_handlers=[list_proposals, list_gold_labels, get_proposal, edit_proposal, list_changes],
    tags=["proposals"],
)
run_proposals_router = Router("/runs", route_handlers=[list_proposals_of_run], tags=["proposals"])
