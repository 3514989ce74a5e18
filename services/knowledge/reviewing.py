"""The periodic look at what waits and what is stuck."""

from datetime import timedelta

from loguru import logger

from services.knowledge.ending import Ending, end
from services.knowledge.repository.claims import release_orphans
from services.knowledge.repository.extractions import dead_extractions, lock_extraction
from services.knowledge.settings import KnowledgeSettings
from services.knowledge.threshold import set_off
from shared.contracts.extraction import ExtractionStatus
from shared.llm import purge_answers
from shared.messaging.transaction import transaction
from shared.service import read_settings

_DIED = (
    "The worker that ran it went away, and no other one took it over. What it had saved is kept; its other "
    "messages wait again."
)


_NEVER_BEGUN = (
    "No worker took it up in time. Its messages wait again; if this goes on, look at the queue of knowledge, "
    "and whether its workers run."
)


async def review_pending() -> None:
    """End extractions that are dead, free what they hold, and set off what the threshold asks for."""
    settings = read_settings(KnowledgeSettings)
    async with transaction() as tx:
        dead = await dead_extractions(tx, timedelta(seconds=settings.dead_after))
    for extraction_id in dead:
        async with transaction() as tx:
            # Looked at again, locked: somebody may have taken it over at this moment.
            if extraction_id in await dead_extractions(tx, timedelta(seconds=settings.dead_after), lock=True):
                logger.warning("extraction {} is dead", extraction_id)
                await end(tx, extraction_id, _ending(await lock_extraction(tx, extraction_id)), settings)
    async with transaction() as tx:
        freed = await release_orphans(tx)
        if freed:
            logger.warning("{} messages were held by extractions that had ended", freed)
    async with transaction() as tx:
        await set_off(tx, at_once=True)
    await purge_answers(timedelta(days=settings.answers_kept_days))


def _ending(status: ExtractionStatus) -> Ending:
    """One that nobody began says nothing against its messages; one that died may have died of them."""
    if status == "pending":
        return Ending("failed", _NEVER_BEGUN)
    return Ending("failed", _DIED, is_their_fault=True)
