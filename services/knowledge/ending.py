"""How extractions end, and what then becomes of the messages that they still hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from loguru import logger
from prometheus_client import Counter

from services.knowledge.repository.claims import let_go
from services.knowledge.repository.extractions import end_extraction, extraction_record
from services.knowledge.repository.saving import atoms_of_run, topics_of_run
from services.knowledge.running import Run
from services.knowledge.settings import KnowledgeSettings
from services.knowledge.threshold import set_off
from shared.contracts.extraction import ExtractionCompleted, ExtractionFailed, ExtractionStatus
from shared.llm import BudgetExceededError
from shared.messaging.transaction import Transaction, transaction

_ENDED = Counter("tt_extractions_ended_total", "Extractions that ended, by how.", ["status"])


@dataclass(frozen=True, slots=True)
class Ending:
    """How an extraction ends.

    Attributes:
        failure: What happened and what to do, for a person.
        stopped_by: The cap that ended it.
        pauses: Another one would end in the same way, so the threshold waits a while.
        is_their_fault: It counts as a failure of the messages that it still holds.
    """

    status: ExtractionStatus
    failure: str | None = None
    stopped_by: str | None = None
    pauses: bool = False
    is_their_fault: bool = False


def stopped(error: BudgetExceededError) -> Ending:
    """The ending of a run that reached a cap: what was done is kept, the rest waits."""
    cap = "token_cap" if "max_tokens_per_run" in str(error) else "cost_cap"
    return Ending("completed", stopped_by=cap, pauses=True)


async def end_run(run: Run, ending: Ending) -> None:
    """End a run that is still one's own, and set off what the threshold asks for then.

    Raises:
        NotMineError: It is somebody else's, or over.
    """
    async with transaction() as tx:
        await run.hold(tx)
        await end(tx, run.id, ending, run.settings)
    async with transaction() as tx:
        await set_off(tx)


async def end(tx: Transaction, extraction_id: UUID, ending: Ending, settings: KnowledgeSettings) -> bool:
    """End an extraction that has not ended, and let go what it holds; returns whether it had not."""
    paused_until = datetime.now(UTC) + settings.pause if ending.pauses else None
    ended = await end_extraction(
        tx,
        extraction_id,
        ending.status,
        failure=ending.failure,
        stopped_by=ending.stopped_by,
        paused_until=paused_until,
    )
    if not ended:
        return False
    await let_go(
        tx,
        extraction_id,
        failed=ending.is_their_fault,
        most_failures=settings.most_failures,
        reason=ending.failure or ending.stopped_by,
    )
    record = await extraction_record(tx, extraction_id)
    if ending.status == "completed":
        topics, atoms = await topics_of_run(tx, extraction_id), await atoms_of_run(tx, extraction_id)
        tx.publish(ExtractionCompleted(extraction=record, topics=topics, atom_ids=atoms))
    else:
        tx.publish(ExtractionFailed(extraction=record))
    _ENDED.labels(ending.status).inc()
    logger.info("extraction {}{}", ending.status, f": {ending.failure}" if ending.failure else "")
    return True


async def let_part_go(
    run: Run, message_ids: Sequence[int], *, reason: str | None = None, failed: bool = False
) -> None:
    """Let the messages of one conversation wait again, or be set aside when it failed too often.

    Raises:
        NotMineError: The extraction is somebody else's, or over.
    """
    async with transaction() as tx:
        await run.hold(tx)
        await let_go(
            tx,
            run.id,
            message_ids,
            failed=failed,
            most_failures=run.settings.most_failures,
            reason=reason,
        )
