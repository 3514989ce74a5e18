"""What scoring does when it is told to."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.scoring.assessment import Assessment
from services.scoring.batches import score_all, score_these
from services.scoring.following import Scored, commands_after
from services.scoring.repository import keep_scores
from services.scoring.scorer import assess_messages
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.scoring import (
    MessageClass,
    MessageScored,
    ScoredMessage,
    ScoreMessage,
    ScoreUnscoredMessages,
)
from shared.messaging.queries import ask
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction
from shared.service import FinalFailure, actor
from shared.telemetry.exemplars import TracedHistogram

_SCORED_AFTER = TracedHistogram(
    "tt_message_scored_seconds",
    "From when a message's update came until its score was kept.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
_DAY = 24 * 3600.0


@actor(ScoreMessage)
async def score_message_task(
    message_id: int, message: MessageText | None, received_at: datetime | None = None
) -> None:
    """Score one message. A second run finds the score of the text, and says nothing."""
    await _scoring.do(message or await _fetch(message_id))
    if received_at is not None:
        _SCORED_AFTER.observe(max(0.0, (datetime.now(UTC) - received_at).total_seconds()))


async def _score_all(tx: Transaction, pieces: Sequence[Piece[MessageText]]) -> None:
    """Score several messages, and say each one's score within its own chain."""
    scored = await assess_messages(tx, [piece.item for piece in pieces])
    # One message may wait with two of its texts.
    newest = {message.id: (message, assessment) for message, assessment in sorted(scored, key=_written_at)}
    classes = await keep_scores(tx, list(newest.values()))
    for piece, (message, assessment) in zip(pieces, scored, strict=True):
        if message.id not in classes or newest[message.id][0] is not message:
            continue
        score = ScoredMessage(
            message_id=message.id,
            importance_score=assessment.score,
            message_class=assessment.message_class.value,
        )
        piece.within(tx.publish, MessageScored(score=score))
        piece.within(_send_after, tx, (message, assessment), classes)


def _send_after(tx: Transaction, scored: Scored, classes: dict[int, MessageClass]) -> None:
    for command in commands_after([scored], classes):
        tx.send(command)


def _written_at(scored: tuple[MessageText, Assessment]) -> datetime:
    return scored[0].written_at


_scoring = Together(_score_all)


@actor(ScoreUnscoredMessages, time_limit=_DAY)
async def score_unscored_messages_task(message_ids: list[int] | None) -> dict[str, int]:
    """Score what has no score yet, in batches. A second run skips what the first has scored."""
    return await (score_all() if message_ids is None else score_these(message_ids))


async def _fetch(message_id: int) -> MessageText:
    page = await ask(GetTexts(message_ids=[message_id]))
    if not page.items:
        raise FinalFailure(f"There is no message {message_id}.")
    return page.items[0]
