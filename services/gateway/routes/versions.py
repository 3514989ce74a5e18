"""Versions: changes of topics and atoms, field by field; drafts wait for a decision."""

from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, QueryParameter

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import VERSION
from services.gateway.routes.knowledge_parameters import VersionId, change_once, person
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import ListVersions, ReviewVersion, VersionPage, VersionRecord, VersionStatus
from shared.messaging.queries import ask

_DECIDED = {**answers(404, 409), **shown(200, VersionRecord, VERSION, "The version as it is now")}


@get(
    "/",
    summary="List versions",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, VersionPage, VersionPage(items=[VERSION]), "Versions, newest first"),
    },
)
async def list_versions(
    entity: FromQuery[EntityKind | None] = None,
    entity_id: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**63 - 1, description="Only versions of this topic or atom; with `entity`."),
    ] = None,
    status: FromQuery[VersionStatus | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> VersionPage:
    """Versions, newest first: all that wait (`status=draft`), or the history of one topic or atom.

    Each has what it changes, field by field. Long ones make shorter pages.
    """
    return await ask(
        ListVersions(entity=entity, entity_id=entity_id, status=status, cursor=cursor, limit=limit)
    )


@post(
    "/{version_id:int}/approve",
    status_code=200,
    summary="Approve a draft",
    operation_class=DescribedOperation,
    responses=_DECIDED,
)
async def approve_version(
    request: Request[Any, Any, Any], version_id: VersionId, idempotency_key: IdempotencyKey = None
) -> Response[VersionRecord]:
    """Let a draft's changes hold.

    409 when someone decided otherwise already, or, with the field, when what it changes has changed since.
    """
    del idempotency_key
    query = ReviewVersion(version_id=version_id, approve=True, by=person(request))
    return await change_once(request, lambda _: query)


@post(
    "/{version_id:int}/reject",
    status_code=200,
    summary="Reject a draft",
    operation_class=DescribedOperation,
    responses=_DECIDED,
)
async def reject_version(
    request: Request[Any, Any, Any], version_id: VersionId, idempotency_key: IdempotencyKey = None
) -> Response[VersionRecord]:
    """Decide against a draft; it is kept, and changes nothing. 409 when someone decided otherwise already."""
    del idempotency_key
    query = ReviewVersion(version_id=version_id, approve=False, by=person(request))
    return await change_once(request, lambda _: query)


versions_router = Router(
    "/versions", route_handlers=[list_versions, approve_version, reject_version], tags=["versions"]
)
