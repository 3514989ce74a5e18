"""Scoring with what is known around each message."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.scoring.assessment import Assessment, Context, assess
from services.scoring.repository import Activity, author_activity
from shared.contracts.ingestion import MessageText
from shared.messaging.transaction import Transaction

_NOTHING = Activity(0, 0, 0)


async def assess_messages(
    tx: Transaction, messages: Sequence[MessageText]
) -> list[tuple[MessageText, Assessment]]:
    """Score messages, each with its author's recent activity and its age."""
    activity = await author_activity(tx, (message.author_id for message in messages))
    now = datetime.now(UTC)
    return [
        (message, assess_in_context(message, activity.get(message.author_id, _NOTHING), now))
        for message in messages
    ]


def assess_in_context(message: MessageText, activity: Activity, now: datetime) -> Assessment:
    """Score one message of an author whose recent messages were these, at a time."""
    context = Context(
        age_seconds=max((now - message.sent_at).total_seconds(), 0.0),
        author_messages=activity.messages,
        author_signals=activity.signals,
        author_noise=activity.noise,
        kind=message.kind,
        is_reply=message.is_reply,
        is_forward=message.is_forward,
    )
    return assess(message.text, context)
