"""How much there is, what waits, and why nothing is set off where nothing is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

from services.knowledge.models import active_extractor
from services.knowledge.pausing import NO_AGENT, NO_ANSWER, Ended, why_paused
from services.knowledge.repository.counting import counts, set_aside_messages, waiting_chats
from services.knowledge.repository.extractions import ended_last
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.errors import QueryError
from shared.contracts.extraction import KnowledgeStats, PendingState
from shared.contracts.knowledge import AtomType, ReviewStatus
from shared.messaging.transaction import transaction
from shared.service import read_settings


async def count_knowledge() -> KnowledgeStats:
    """Counts of what there is and what waits."""
    settings = read_settings(KnowledgeSettings)
    async with transaction() as tx:
        found = await counts(tx)
        waiting, chats = await waiting_chats(tx, datetime.now(UTC) - settings.lookback)
        set_aside = await set_aside_messages(tx)
        ended = await ended_last(tx)
    pending = PendingState(
        waiting=waiting,
        claimed=_sum(found, "claimed"),
        threshold=settings.threshold,
        lookback_hours=settings.lookback_hours,
        chats=chats,
        paused=await _why_paused(ended),
        set_aside=_sum(found, "set_aside"),
        set_aside_messages=set_aside,
    )
    return KnowledgeStats(
        topics=_all(get_args(ReviewStatus), found.get("topics", {})),
        atoms=_all(get_args(ReviewStatus), found.get("atoms", {})),
        atom_types=_all(get_args(AtomType), found.get("atom_types", {})),
        links=_sum(found, "links"),
        drafts=_sum(found, "drafts"),
        pending=pending,
    )


async def _why_paused(ended: Ended | None) -> str | None:
    try:
        session = await active_extractor()
    except QueryError:
        return NO_ANSWER
    if session is None:
        return NO_AGENT
    return why_paused(ended, session.agent, session.provider, datetime.now(UTC))


def _all(names: Sequence[str], found: Mapping[str, int]) -> dict[str, int]:
    """Every name has a count."""
    return {name: found.get(name, 0) for name in names}


def _sum(found: Mapping[str, Mapping[str, int]], what: str) -> int:
    return sum(found.get(what, {}).values())
