"""Texts of atoms and topics, for a service that works through many."""

from services.knowledge.paging import cut
from services.knowledge.repository.texts import texts_of
from shared.contracts.knowledge import GetKnowledgeTexts, KnowledgeTextPage
from shared.messaging.transaction import transaction


async def page_of_texts(query: GetKnowledgeTexts) -> KnowledgeTextPage:
    """Texts in id order, as many as fit into one answer; hidden ones say so."""
    async with transaction() as tx:
        found = await texts_of(
            tx, query.entity, ids=query.ids, after_id=query.after_id, limit=query.limit + 1
        )
    page, more = cut(found, query.limit)
    return KnowledgeTextPage(items=page, next_after_id=page[-1].id if more else None)
