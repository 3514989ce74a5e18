"""Merges of topics and of atoms, and taking them back."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, QueryParameter

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import MERGE
from services.gateway.routes.knowledge_parameters import MergeId, change_once, person
from services.gateway.routes.parameters import IdempotencyKey
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import ListMerges, MergeRecord, UndoMerge
from shared.messaging.queries import ask

_TIMEOUT = 30.0


class MergeItems(msgspec.Struct, frozen=True, kw_only=True):
    """The latest merges, newest first; at most a hundred."""

    items: list[MergeRecord]
    next_cursor: str | None = None


@get(
    "/",
    summary="List merges",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, MergeItems, MergeItems(items=[MERGE]), "Merges, newest first")},
)
async def list_merges(
    entity: FromQuery[EntityKind | None] = None,
    entity_id: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**63 - 1, description="Only merges of this topic or atom; with `entity`."),
    ] = None,
) -> MergeItems:
    """The latest hundred merges, undone ones included; of one topic or atom those that touched it."""
    return MergeItems(items=await ask(ListMerges(entity=entity, entity_id=entity_id)))


@post(
    "/{merge_id:int}/undo",
    status_code=200,
    summary="Undo a merge",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, MergeRecord, MERGE, "The merge, undone")},
)
async def undo_merge(
    request: Request[Any, Any, Any], merge_id: MergeId, idempotency_key: IdempotencyKey = None
) -> Response[MergeRecord]:
    """Put both back as they were; what was changed since by hand stays as it was changed.

    409 says what stands in the way: a later merge that has to be undone first, or that the name was taken.
    """
    del idempotency_key
    query = UndoMerge(merge_id=merge_id, by=person(request))
    return await change_once(request, lambda _: query, timeout=_TIMEOUT)


merges_router = Router("/merges", route_handlers=[list_merges, undo_merge], tags=["versions"])
