"""What others may know of scoring: scores with their factors, statistics, and a person's corrections."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import MessageText, PageSize

MessageClass = Literal["noise", "weak_signal", "signal"]


class ScoreRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The score of one message.

    Attributes:
        importance_score: In 0..1; noise is below 0.3, signal from 0.7.
        message_class: What holds: a person's correction where there is one, else the scorer's class.
        scored_class: The scorer's own class.
        noise_factors: Each factor's value (0..1), weight and contribution by its name.
        corrected_by: Who corrected the class, if anyone did.
    """

    message_id: int
    importance_score: float
    message_class: MessageClass
    scored_class: MessageClass
    noise_factors: dict[str, Any]
    scorer_version: str
    scored_at: datetime
    corrected_by: str | None = None


class ScoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message's score in short, as events carry it."""

    message_id: int
    importance_score: float
    message_class: MessageClass


class ScoredPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of scores, newest message first; `next_cursor` is None on the last page."""

    items: list[ScoreRecord]
    next_cursor: str | None = None


class ScoringStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what was scored.

    Attributes:
        total: Messages with a score.
        by_class: Messages a class, corrections included; every class is present.
        corrections: Messages whose class a person corrected.
        mean_score: Mean importance in 0..1; None when nothing was scored.
        scorer_version: The version that scores now.
        outdated: Messages whose score is of an earlier version.
    """

    total: int
    by_class: dict[str, int]
    corrections: int
    mean_score: float | None
    scorer_version: str
    outdated: int = 0


class ScoringRunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A batch scoring run that was enqueued; its id is the task's id, the run_id and the trace id."""

    run_id: UUID


# Commands


class ScoreMessage(Command, actor="score_message_task", queue="scoring"):
    """Score one saved message. Idempotent: a second run replaces the score.

    Attributes:
        message_id: Which message; the id alone suffices.
        message: A copy of what the scorer needs, to save a query.
        received_at: When the update came that brought it; None when nobody knows.
    """

    message_id: int
    message: MessageText | None = None
    received_at: datetime | None = None


class ScoreUnscoredMessages(Command, actor="score_unscored_messages_task", queue="scoring"):
    """Score messages that have no score of the present scorer version yet, in batches.

    Idempotent: a second run replaces the scores. Its result is `{success, failed, skipped}`.

    Attributes:
        message_ids: Only these; None goes through all messages.
    """

    message_ids: list[int] | None = None


# Queries


class GetScores(Query[list[ScoreRecord]], subject="scoring.get_scores"):
    """The scores of these messages, in id order; messages without one are left out. At most 200 ids."""

    message_ids: Annotated[list[int], Meta(max_length=200)]


class ListScored(Query[ScoredPage], subject="scoring.list_scored"):
    """Scores by class or score, newest message first. `since` is inclusive, `until` is not.

    `chat_ids` are all the ids that one chat has had; None means every chat.
    """

    message_class: MessageClass | None = None
    min_score: Annotated[float, Meta(ge=0, le=1)] | None = None
    chat_ids: list[int] | None = None
    author_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetScoringStats(Query[ScoringStats], subject="scoring.get_stats"):
    """Counts by class, of one chat (all the ids that it has had) or of all."""

    chat_ids: list[int] | None = None


class StartScoringRun(Query[ScoringRunRecord], subject="scoring.start_run"):
    """Enqueue the scoring of all that has no score. Asking again with the same id enqueues nothing more."""

    run_id: UUID


class GiveFeedback(Query[ScoreRecord], subject="scoring.give_feedback"):
    """A person's correction of a class: kept, and it wins over the score. The last one holds.

    Attributes:
        message_class: The right class; None takes the correction back.
        given_by: Who says so.
    """

    message_id: int
    message_class: MessageClass | None
    given_by: Annotated[str, Meta(max_length=200)]
    comment: Annotated[str, Meta(max_length=2000)] | None = None


# Events


class MessageScored(Event, event=("scoring.message_scored", "messages", "message_scored")):
    """One message was scored, or a person corrected its class."""

    score: ScoredMessage


class BatchScored(Event, event=("scoring.batch_scored", "messages", "batch_scored")):
    """A batch of messages was scored.

    Attributes:
        success: Scored now.
        failed: Could not be scored; they stay unscored and are tried again by the catch-up.
        skipped: Had a score already.
        by_class: Messages of this batch a class.
        signals: The strongest signals among them, at most ten.
    """

    success: int
    failed: int
    skipped: int
    by_class: dict[str, int]
    signals: list[ScoredMessage] = msgspec.field(default_factory=list)
