"""The beginning of an extraction, or of another worker's turn at it."""

from uuid import UUID, uuid4

from services.knowledge.models import extractor, secrets_of
from services.knowledge.repository.extractions import (
    extraction_record,
    lock_extraction,
    take_over,
    update_mine,
)
from services.knowledge.running import Run
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.errors import QueryError
from shared.contracts.extraction import ExtractionRecord, ExtractionStarted
from shared.llm import AgentSession, Usage
from shared.llm.turns import Patience
from shared.messaging.transaction import transaction
from shared.service import FinalFailure


class NoAgentError(Exception):
    """There is no agent to do it; says what to do."""


async def begin(extraction_id: UUID, agent_id: UUID | None, settings: KnowledgeSettings) -> Run | None:
    """Take an extraction over; None when it has ended.

    Raises:
        NoAgentError: There is nobody to do it.
        FinalFailure: There is no such extraction.
        QueryError: `unavailable`, when analysis is away.
    """
    record = await _find(extraction_id)
    if record.status not in ("pending", "running"):
        return None
    session = await _open(agent_id or record.agent_id, record)
    run = Run(
        id=extraction_id,
        runner=uuid4(),
        session=session,
        update_mine=update_mine,
        patience=Patience(settings.provider_tries, settings.provider_pause, settings.dead_after),
        calls=record.calls,
        cached_calls=record.cached_calls,
        secrets=secrets_of(session),
        settings=settings,
    )
    async with transaction() as tx:
        is_first = await lock_extraction(tx, extraction_id) == "pending"
        if not await take_over(
            tx,
            extraction_id,
            run.runner,
            agent_id=session.agent.id,
            agent_name=session.agent.name,
            provider_id=session.provider.id,
            provider_name=session.provider.name,
            model=record.model or session.agent.model or session.provider.chat_model,
            basic_mode=run.basic_mode,
        ):
            return None
        if is_first:
            tx.publish(ExtractionStarted(extraction=await extraction_record(tx, extraction_id)))
    return run


async def _find(extraction_id: UUID) -> ExtractionRecord:
    try:
        async with transaction() as tx:
            return await extraction_record(tx, extraction_id)
    except QueryError as error:
        raise FinalFailure(f"There is no extraction {extraction_id}.") from error


async def _open(agent_id: UUID | None, record: ExtractionRecord) -> AgentSession:
    try:
        return await extractor(agent_id, _spent(record))
    except QueryError as error:
        if error.code != "not_found":
            raise
        gone = f"There is no agent {agent_id} any more." if agent_id is not None else "No agent is active."
        raise NoAgentError(f"{gone} Make an agent of the kind knowledge_extractor active.") from error


def _spent(record: ExtractionRecord) -> Usage:
    return Usage(input_tokens=record.input_tokens, output_tokens=record.output_tokens, cost=record.cost)
