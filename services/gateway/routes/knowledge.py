"""Knowledge as a whole: how much there is, and who changed what."""

from typing import Annotated

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import CHANGE, KNOWLEDGE_STATS
from services.gateway.routes.parameters import Cursor, Limit
from shared.contracts.extraction import GetKnowledgeStats, KnowledgeStats
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import ChangePage, ListChanges
from shared.messaging.queries import ask


@get(
    "/stats",
    summary="Count knowledge",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, KnowledgeStats, KNOWLEDGE_STATS, "The counts")},
)
async def get_stats() -> KnowledgeStats:
    """Counts of topics and atoms by status and type, of drafts, and of messages that wait for extraction."""
    return await ask(GetKnowledgeStats())


@get(
    "/changes",
    summary="List changes",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, ChangePage, ChangePage(items=[CHANGE]), "Changes, newest first")},
)
async def list_changes(
    entity: FromQuery[EntityKind | None] = None,
    entity_id: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**63 - 1, description="Only changes of this topic or atom; with `entity`."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ChangePage:
    """What people and automation rules changed, newest first. This log is never rewritten."""
    return await ask(ListChanges(entity=entity, entity_id=entity_id, cursor=cursor, limit=limit))


knowledge_router = Router("/knowledge", route_handlers=[get_stats, list_changes], tags=["knowledge"])
