"""Asking for many messages: as many queries as it takes, as one answer holds only so much."""

from collections.abc import Sequence

from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.scoring import GetScores, ScoreRecord
from shared.messaging.queries import ask

_TEXTS_AT_ONCE = 500
_SCORES_AT_ONCE = 200
_PATIENCE = 15.0


async def texts_of(message_ids: Sequence[int]) -> list[MessageText]:
    """The texts of messages; unknown ids are left out.

    Raises:
        QueryError: `unavailable`, when ingestion does not answer.
    """
    found: list[MessageText] = []
    for start in range(0, len(message_ids), _TEXTS_AT_ONCE):
        asked = list(message_ids[start : start + _TEXTS_AT_ONCE])
        after: int | None = 0
        while after is not None:
            page = await ask(GetTexts(message_ids=asked, after_id=after), timeout=_PATIENCE)
            found += page.items
            after = page.next_after_id
    return found


async def scores_of(message_ids: Sequence[int]) -> dict[int, ScoreRecord]:
    """The scores of messages by their ids; those that have none yet are left out.

    Raises:
        QueryError: `unavailable`, when scoring does not answer.
    """
    found: dict[int, ScoreRecord] = {}
    for start in range(0, len(message_ids), _SCORES_AT_ONCE):
        asked = list(message_ids[start : start + _SCORES_AT_ONCE])
        answer = await ask(GetScores(message_ids=asked), timeout=_PATIENCE)
        found |= {score.message_id: score for score in answer}
    return found
