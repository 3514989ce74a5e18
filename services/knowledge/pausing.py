"""When the threshold sets nothing off for a while: after an ending that another extraction would share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.analysis import AgentRecord, ProviderRecord
from shared.contracts.extraction import ExtractionStatus

NO_AGENT = (
    "No agent extracts knowledge. Make an agent of the kind knowledge_extractor active; what waits is then "
    "extracted by itself."
)
NO_ANSWER = "The service analysis does not answer, so nobody knows which agent extracts."


@dataclass(frozen=True, slots=True)
class Ended:
    """How an extraction ended; `paused_until` is until when no other shall be set off for its sake."""

    status: ExtractionStatus
    agent_id: UUID | None
    provider_id: UUID | None
    failure: str | None
    stopped_by: str | None
    finished_at: datetime
    paused_until: datetime | None


def why_paused(
    ended: Ended | None, agent: AgentRecord, provider: ProviderRecord, now: datetime
) -> str | None:
    """Why the threshold sets nothing off, for a person; None when nothing stands in its way.

    It goes on when the time is over, when another agent or provider is to do it, or when one of them was
    changed since.

    Args:
        ended: The extraction that ended last.
        agent: Who would extract now.
        provider: By what.
        now: The time.
    """
    if ended is None or ended.paused_until is None or now >= ended.paused_until:
        return None
    is_other = ended.agent_id not in (None, agent.id) or ended.provider_id not in (None, provider.id)
    if is_other or max(agent.updated_at, provider.updated_at) > ended.finished_at:
        return None
    return (
        f"{_what_happened(ended)} Nothing is set off before {ended.paused_until:%H:%M} UTC, unless the agent "
        f"{agent.name} or its provider {provider.name} is changed."
    )


def _what_happened(ended: Ended) -> str:
    if ended.status == "cancelled":
        return "The last extraction was cancelled."
    if ended.stopped_by is not None:
        return f"The last extraction was stopped by its {ended.stopped_by.replace('_', ' ')}."
    return f"The last extraction failed: {ended.failure}"
