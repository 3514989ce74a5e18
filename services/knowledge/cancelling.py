"""Cancelling an extraction."""

from uuid import UUID

from services.knowledge.ending import Ending, end
from services.knowledge.repository.extractions import extraction_record, lock_extraction
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.errors import QueryError
from shared.contracts.extraction import ExtractionRecord
from shared.messaging.transaction import transaction
from shared.service import read_settings

_CANCELLED = "It was cancelled. What it had saved is kept; its other messages wait again."


async def cancel(extraction_id: UUID) -> ExtractionRecord:
    """End an extraction at once; whoever works on it saves nothing more. A second time it stays as it is.

    Raises:
        QueryError: `not_found`, or `conflict` when it has ended in another way.
    """
    async with transaction() as tx:
        status = await lock_extraction(tx, extraction_id)
        if status in ("completed", "failed"):
            raise QueryError("conflict", f"The extraction has {status} already and cannot be cancelled.")
        ending = Ending("cancelled", _CANCELLED, pauses=True)
        await end(tx, extraction_id, ending, read_settings(KnowledgeSettings))
        return await extraction_record(tx, extraction_id)
