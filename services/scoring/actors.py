"""What scoring does when it is told to."""

from services.scoring.batches import score_all, score_these
from services.scoring.repository import keep_scores
from services.scoring.scorer import assess_messages
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.scoring import MessageScored, ScoredMessage, ScoreMessage, ScoreUnscoredMessages
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction
from shared.service import FinalFailure, actor

_DAY = 24 * 3600.0


@actor(ScoreMessage)
async def score_message_task(message_id: int, message: MessageText | None) -> None:
    """Score one message. A second run replaces the score of the same text with the same."""
    message = message or await _fetch(message_id)
    async with transaction() as tx:
        ((_, assessment),) = await assess_messages(tx, [message])
        await keep_scores(tx, [(message, assessment)])
        score = ScoredMessage(
            message_id=message_id,
            importance_score=assessment.score,
            message_class=assessment.message_class.value,
        )
        tx.publish(MessageScored(score=score))


@actor(ScoreUnscoredMessages, time_limit=_DAY)
async def score_unscored_messages_task(message_ids: list[int] | None) -> dict[str, int]:
    """Score what has no score yet, in batches. A second run skips what the first has scored."""
    return await (score_all() if message_ids is None else score_these(message_ids))


async def _fetch(message_id: int) -> MessageText:
    page = await ask(GetTexts(message_ids=[message_id]))
    if not page.items:
        raise FinalFailure(f"There is no message {message_id}.")
    return page.items[0]
