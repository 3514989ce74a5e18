"""The threshold: when enough messages wait, an extraction claims them, whole conversations first.

The claim, the extraction's row and the command that runs it commit together, under a lock that makes those
who decide at the same moment decide one after the other; nothing else waits for it.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from datetime import UTC, datetime
from uuid import uuid4

from loguru import logger
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from services.knowledge.conversations import Mark, choose, stretches
from services.knowledge.models import active_extractor
from services.knowledge.pausing import why_paused
from services.knowledge.repository.claims import claim
from services.knowledge.repository.extractions import (
    count_open,
    create_extraction,
    ended_last,
    lock_decisions,
    set_messages,
)
from services.knowledge.repository.pending import candidates, count_waiting
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.errors import QueryError
from shared.contracts.extraction import ExtractKnowledge
from shared.llm import AgentSession
from shared.llm.loops import LoopLocal
from shared.messaging.transaction import Transaction, transaction
from shared.service import read_settings
from shared.telemetry import start_run

_SET_OFF = Counter("tt_extractions_set_off_total", "Extractions that the threshold set off.")
_calm: LoopLocal[list["asyncio.Task[None]"]] = LoopLocal(list)


async def set_off(tx: Transaction, *, at_once: bool = False) -> int:
    """Set off as many extractions as the threshold asks for; returns how many.

    Args:
        tx: A transaction that has locked nothing; it may wait a moment for analysis to answer.
        at_once: Do not wait for a burst of messages to end.
    """
    settings = read_settings(KnowledgeSettings)
    since = datetime.now(UTC) - settings.lookback
    waiting, last_arrived_at = await count_waiting(tx, since, settings.batch)
    if waiting < settings.threshold or await count_open(tx, "threshold") >= settings.open_extractions:
        return 0
    if last_arrived_at is not None and waiting < settings.batch and not at_once:
        calm_for = (datetime.now(UTC) - last_arrived_at).total_seconds()
        if calm_for < settings.settle_seconds:
            _set_off_later(settings.settle_seconds - max(calm_for, 0.0))
            return 0
    session = await _extractor()
    return 0 if session is None else await _decide(tx, session, settings)


async def _extractor() -> AgentSession | None:
    try:
        return await active_extractor()
    except QueryError as error:
        logger.debug("no extraction is set off now: {}", error)
        return None


async def _decide(tx: Transaction, session: AgentSession, settings: KnowledgeSettings) -> int:
    now = datetime.now(UTC)
    if why_paused(await ended_last(tx), session.agent, session.provider, now) is not None:
        return 0
    await lock_decisions(tx)
    made = 0
    for _ in range(settings.open_extractions - await count_open(tx, "threshold")):
        marks = choose(
            stretches(await candidates(tx, now - settings.lookback, settings.silence), settings.silence),
            now=now,
            silence=settings.silence,
            threshold=settings.threshold,
            most=settings.batch,
        )
        if not marks or not await _begin(tx, marks, session, settings):
            break
        made += 1
    _SET_OFF.inc(made)
    return made


async def _begin(
    tx: Transaction, marks: Sequence[Mark], session: AgentSession, settings: KnowledgeSettings
) -> bool:
    """Claim messages for a new extraction; not when too many of them are being changed at this moment."""
    extraction_id = uuid4()
    async with tx.connection.begin_nested() as savepoint:
        await create_extraction(
            tx,
            extraction_id,
            trigger="threshold",
            agent_id=session.agent.id,
            agent_name=session.agent.name,
        )
        claimed = await claim(tx, extraction_id, [mark.message_id for mark in marks])
        if len(claimed) < settings.threshold:
            await savepoint.rollback()
            return False
        await set_messages(tx, extraction_id, len(claimed))
    links = [each.trace for each in claimed if each.trace is not None]
    with start_run("extraction by threshold", extraction_id, links=links, lasting=True):
        command = ExtractKnowledge(
            message_ids=sorted(each.message_id for each in claimed),
            agent_config_id=session.agent.id,
            extraction_id=extraction_id,
        )
        tx.send(command, task_id=str(extraction_id), tracked=True)
    return True


def _set_off_later(seconds: float) -> None:
    """Look again when a burst may be over. Should this process end before, the periodic review does."""
    looking = _calm.get()
    if all(task.done() for task in looking):
        looking[:] = [asyncio.create_task(_look_again(seconds), context=Context())]


async def _look_again(seconds: float) -> None:
    await asyncio.sleep(seconds)
    _calm.get().clear()
    try:
        async with transaction() as tx:
            await set_off(tx)
    except (SQLAlchemyError, QueryError, OSError, TimeoutError) as error:
        logger.warning("no extraction could be set off now: {!r}", error)
