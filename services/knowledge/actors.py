"""What knowledge does when it is told to."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from services.knowledge.applying import apply_rule
from services.knowledge.checking import check_citations
from services.knowledge.considering import consider, find_considered
from services.knowledge.extracting import extract
from services.knowledge.reviewing import review_pending
from services.knowledge.starting import adopt
from shared.contracts.atoms import CheckCitations
from shared.contracts.extraction import ConsideredMessage, ConsiderMessages, ExtractKnowledge, ReviewPending
from shared.contracts.revisions import ApplyRule
from shared.service import actor
from shared.telemetry import current_run_id

_HOUR = 3600.0


@actor(ConsiderMessages)
async def consider_messages_task(
    message_ids: Sequence[int], messages: Sequence[ConsideredMessage] | None
) -> None:
    """Take scored messages in. A second run finds them as they are; what was extracted waits no more."""
    await consider(await find_considered(message_ids) if messages is None else messages)


@actor(CheckCitations)
async def check_citations_task(message_ids: Sequence[int]) -> None:
    """Look quotes of edited messages up again. A second run finds the same."""
    await check_citations(message_ids)


@actor(ExtractKnowledge, time_limit=2 * _HOUR)
async def extract_knowledge_from_messages_task(
    message_ids: Sequence[int], agent_config_id: UUID | None, extraction_id: UUID | None
) -> dict[str, int]:
    """Run an extraction. A second run goes on with the first conversation that the first has not saved."""
    if extraction_id is None:
        extraction_id = current_run_id() or uuid4()
        await adopt(extraction_id, message_ids, agent_config_id)
    return await extract(extraction_id, agent_config_id)


@actor(ReviewPending)
async def review_pending_task() -> None:
    """Free what is stuck and set off what is due. A second run finds nothing more to do."""
    await review_pending()


@actor(ApplyRule, time_limit=_HOUR)
async def apply_rule_task(rule_id: UUID) -> dict[str, int]:
    """Let a rule approve what waits, in batches. A second run finds what the first has not approved."""
    return await apply_rule(rule_id)
