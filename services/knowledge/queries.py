"""What knowledge answers about extractions, what waits, and texts; `reviews` has the rest."""

from services.knowledge import cancelling, counting, quoted, starting, texts
from services.knowledge.paging import cut
from services.knowledge.repository.extractions import TimeAndExtraction, extraction_record, list_extractions
from shared.contracts.atoms import GetQuotedAtoms, QuotedAtoms
from shared.contracts.extraction import (
    CancelExtraction,
    ExtractionPage,
    ExtractionRecord,
    GetExtraction,
    GetKnowledgeStats,
    KnowledgeStats,
    ListExtractions,
    StartExtraction,
)
from shared.contracts.knowledge import GetKnowledgeTexts, KnowledgeTextPage
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.transaction import transaction


async def start_extraction(query: StartExtraction) -> list[ExtractionRecord]:
    """Begin the extractions that a person asks for; the second time, say how they stand."""
    return await starting.start(query)


async def find_extraction(query: GetExtraction) -> ExtractionRecord:
    """One extraction."""
    async with transaction() as tx:
        return await extraction_record(tx, query.extraction_id)


async def page_of_extractions(query: ListExtractions) -> ExtractionPage:
    """Extractions, newest first."""
    after = read_cursor(query.cursor, TimeAndExtraction)
    async with transaction() as tx:
        found = await list_extractions(tx, query, after)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndExtraction(page[-1].created_at, page[-1].id)) if more else None
    return ExtractionPage(items=page, next_cursor=cursor)


async def cancel_extraction(query: CancelExtraction) -> ExtractionRecord:
    """Cancel an extraction before it saves."""
    return await cancelling.cancel(query.extraction_id)


async def knowledge_stats(_query: GetKnowledgeStats) -> KnowledgeStats:
    """Counts, and what waits."""
    return await counting.count_knowledge()


async def knowledge_texts(query: GetKnowledgeTexts) -> KnowledgeTextPage:
    """Texts of atoms or topics, in id order."""
    return await texts.page_of_texts(query)


async def quoted_atoms(query: GetQuotedAtoms) -> QuotedAtoms:
    """The atoms that quote one of these messages, with their links."""
    return await quoted.quoted_atoms(query)
