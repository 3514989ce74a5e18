"""What people decide about atoms: approved or not, replaced by a later decision, the same as another."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, post
from litestar.params import JSONBody
from msgspec import Meta

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import ATOM, MERGE, OUTCOMES
from services.gateway.routes.knowledge_parameters import (
    AtomId,
    MergeInto,
    Review,
    change_once,
    person,
)
from services.gateway.routes.parameters import IdempotencyKey
from shared.contracts.atoms import AtomRecord, ReviewAtom, ReviewAtoms, ReviewOutcome, SupersedeAtom
from shared.contracts.knowledge import Id, ReviewStatus
from shared.contracts.revisions import MergeAtoms, MergeRecord

_TIMEOUT = 30.0
_CHANGES_ONE = answers(400, 404, 409, 415)


class ReviewMany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision about 1 to 200 atoms; `needs_review` takes earlier ones back."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=200)]
    status: ReviewStatus


class Successor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The later decision that replaces this one; null takes that back."""

    superseded_by: Id | None


class ReviewedItems(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each, in the order asked: the status that it has now, or why it has not."""

    items: list[ReviewOutcome]


@post(
    "/review",
    status_code=200,
    summary="Review many atoms",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, ReviewedItems, ReviewedItems(items=OUTCOMES), "What became of each"),
    },
)
async def review_atoms(
    request: Request[Any, Any, Any], data: JSONBody[ReviewMany], idempotency_key: IdempotencyKey = None
) -> Response[ReviewedItems]:
    """Approve many atoms, reject them, or take the decisions back. One that cannot be stops no other."""
    del idempotency_key
    query = ReviewAtoms(atom_ids=data.ids, status=data.status, by=person(request))
    return await change_once(
        request, lambda _: query, shape=lambda found: ReviewedItems(items=found), timeout=_TIMEOUT
    )


@post(
    "/{atom_id:int}/review",
    status_code=200,
    summary="Review an atom",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, AtomRecord, ATOM, "The atom as it is now")},
)
async def review_atom(
    request: Request[Any, Any, Any],
    atom_id: AtomId,
    data: JSONBody[Review],
    idempotency_key: IdempotencyKey = None,
) -> Response[AtomRecord]:
    """Approve an atom, reject it, or take the decision back with `needs_review`.

    Approving a decision that replaces an earlier approved one ends the earlier one, which is kept.
    """
    del idempotency_key
    query = ReviewAtom(atom_id=atom_id, status=data.status, by=person(request))
    return await change_once(request, lambda _: query)


@post(
    "/{atom_id:int}/supersede",
    status_code=200,
    summary="Supersede a decision",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, AtomRecord, ATOM, "The earlier decision as it is now")},
)
async def supersede_atom(
    request: Request[Any, Any, Any],
    atom_id: AtomId,
    data: JSONBody[Successor],
    idempotency_key: IdempotencyKey = None,
) -> Response[AtomRecord]:
    """Say that a later decision replaces this one; null takes it back. Both have to be approved decisions."""
    del idempotency_key
    query = SupersedeAtom(atom_id=atom_id, superseded_by=data.superseded_by, by=person(request))
    return await change_once(request, lambda _: query)


@post(
    "/{atom_id:int}/merge",
    status_code=200,
    summary="Merge an atom into another",
    operation_class=DescribedOperation,
    responses={**_CHANGES_ONE, **shown(200, MergeRecord, MERGE, "The merge")},
)
async def merge_atom(
    request: Request[Any, Any, Any],
    atom_id: AtomId,
    data: JSONBody[MergeInto],
    idempotency_key: IdempotencyKey = None,
) -> Response[MergeRecord]:
    """Say that this atom is the duplicate of another, which takes its quotes, topics and links over.

    `POST /merges/{id}/undo` takes it back. 409 when one of the two was merged away itself.
    """
    del idempotency_key
    query = MergeAtoms(kept_id=data.into, merged_id=atom_id, by=person(request))
    return await change_once(request, lambda _: query, renamed={"kept_id": "into"}, timeout=_TIMEOUT)


atom_reviews_router = Router(
    "/atoms",
    route_handlers=[review_atoms, review_atom, supersede_atom, merge_atom],
    tags=["atoms"],
)
