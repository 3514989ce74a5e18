"""An extraction from its beginning to its end, conversation by conversation, whatever happens on the way.

It can be killed at any point: what was answered is cached, what was saved is done, and whoever takes it over
goes on with the first conversation that is not.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import UUID

import msgspec
from loguru import logger

from services.knowledge.answers import Extraction
from services.knowledge.beginning import NoAgentError, begin
from services.knowledge.ending import Ending, end, end_run, let_part_go, stopped
from services.knowledge.matching import make_plan
from services.knowledge.models import EXTRACT
from services.knowledge.parts import Part, next_part
from services.knowledge.places import place
from services.knowledge.repository.claims import has_done
from services.knowledge.repository.extractions import extraction_record, say_waiting
from services.knowledge.running import Run
from services.knowledge.saving import ChangedError, OutdatedError, save, save_nothing
from services.knowledge.settings import KnowledgeSettings
from services.knowledge.verification import Found, verify
from shared.llm import (
    BadAnswerError,
    BudgetExceededError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SealedKeyError,
)
from shared.llm.turns import NotMineError, kept_alive
from shared.messaging.transaction import transaction
from shared.service import NotNow, read_settings

_MOST_CHANGES = 3
"""As often a conversation is read anew because it was edited while the model was thinking."""

_MOST_PLANS = 5
"""As often it is compared anew because others saved meanwhile; then it is saved as it was compared."""


async def extract(extraction_id: UUID, agent_id: UUID | None) -> dict[str, int]:
    """Run an extraction to its end, wherever it stands.

    Args:
        extraction_id: Which.
        agent_id: Who does it; None is whoever the extraction names, or else the active agent.

    Returns:
        How many topics and atoms it made.

    Raises:
        QueryError: `unavailable` when a service that it needs does not answer; it goes on when run again.
        NotNow: When this process has enough to do.
    """
    settings = read_settings(KnowledgeSettings)
    async with _place(extraction_id):
        try:
            run = await begin(extraction_id, agent_id, settings)
        except NoAgentError as error:
            async with transaction() as tx:
                await end(tx, extraction_id, Ending("failed", str(error), pauses=True), settings)
            run = None
        if run is not None:
            try:
                async with kept_alive(run):
                    ending = await _work(run)
                await end_run(run, ending)
            except NotMineError:
                logger.info("extraction {} is over, or somebody else's", extraction_id)
    async with transaction() as tx:
        record = await extraction_record(tx, extraction_id)
    return {"topics": record.topics_created, "atoms": record.atoms_created}


@asynccontextmanager
async def _place(extraction_id: UUID) -> AsyncIterator[None]:
    try:
        async with place():
            yield
    except NotNow:
        # It waits in the queue, and is not to be taken for dead.
        async with transaction() as tx:
            await say_waiting(tx, extraction_id)
        raise


async def _work(run: Run) -> Ending:
    """Do all conversations that are left; says how the run ends."""
    failures: list[str] = []
    changes: Counter[int] = Counter()
    while (part := await next_part(run.id, run.session, run.settings)) is not None:
        try:
            await _extract(run, part)
        except ChangedError:
            changes[part.messages[0].id] += 1
            if changes[part.messages[0].id] >= _MOST_CHANGES:
                await let_part_go(run, part.message_ids)
        except BadAnswerError as error:
            failures.append(str(error))
            await let_part_go(run, part.message_ids, reason=str(error), failed=True)
        except BudgetExceededError as error:
            logger.info("{}", error)
            if not failures and not await _has_done(run):
                # What does not even fit into a run of its own is not to be tried for ever.
                await let_part_go(run, part.message_ids, reason=str(error), failed=True)
            return stopped(error)
        except (ProviderRefusedError, SealedKeyError, ProviderUnavailableError) as error:
            return Ending("failed", str(error), pauses=True)
    if failures and not await _has_done(run):
        return Ending("failed", f"No conversation could be extracted. {failures[-1]}", pauses=True)
    return Ending("completed")


async def _has_done(run: Run) -> bool:
    async with transaction() as tx:
        return await has_done(tx, run.id)


async def _extract(run: Run, part: Part) -> None:
    """Ask about one conversation, keep of the answer what holds, and save it.

    Raises:
        ChangedError: It was edited meanwhile.
        NotMineError: The extraction is somebody else's, or over.
        LlmError: There is no answer.
    """
    answer = await run.ask(EXTRACT, part.asked, Extraction)
    answer_hash = hashlib.sha256(msgspec.json.encode(answer)).hexdigest()
    found = verify(answer, part.asked, run.secrets, basic_mode=run.basic_mode)
    if not found.atoms or answer_hash == part.answer_hash:
        await save_nothing(run, part, found, answer_hash)
    else:
        await _compare_and_save(run, part, found, answer_hash)


async def _compare_and_save(run: Run, part: Part, found: Found, answer_hash: str) -> None:
    for tried in count(1):
        plan = await make_plan(run, part, found)
        try:
            await save(run, part, found, plan, answer_hash, whatever_came=tried >= _MOST_PLANS)
        except OutdatedError:
            if tried >= 2 * _MOST_PLANS:
                raise
        else:
            return
