"""What scoring answers when it is asked."""

from services.scoring.assessment import SCORER_VERSION
from services.scoring.following import commands_after_correction
from services.scoring.repository import (
    begin_run,
    class_counts,
    corrected_and_outdated,
    keep_feedback,
    list_scored,
    scores_by_id,
)
from shared.contracts.scoring import (
    GetScores,
    GetScoringStats,
    GiveFeedback,
    ListScored,
    MessageScored,
    ScoredMessage,
    ScoredPage,
    ScoreRecord,
    ScoreUnscoredMessages,
    ScoringRunRecord,
    ScoringStats,
    StartScoringRun,
)
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.messaging.transaction import transaction


async def find_scores(query: GetScores) -> list[ScoreRecord]:
    """Scores by message id."""
    async with transaction() as tx:
        return await scores_by_id(tx, query.message_ids)


async def page_of_scores(query: ListScored) -> ScoredPage:
    """Scores, newest message first."""
    after = read_cursor(query.cursor, TimeAndId)
    async with transaction() as tx:
        found = await list_scored(tx, query, after)
    page = found[: query.limit]
    last_record, last_sent_at = page[-1] if page else (None, None)
    cursor = None
    if len(found) > query.limit and last_record is not None and last_sent_at is not None:
        cursor = write_cursor(TimeAndId(last_sent_at, last_record.message_id))
    return ScoredPage(items=[record for record, _ in page], next_cursor=cursor)


async def scoring_stats(query: GetScoringStats) -> ScoringStats:
    """Counts by class."""
    async with transaction() as tx:
        counts = await class_counts(tx, query.chat_ids)
        corrections, outdated = await corrected_and_outdated(tx, query.chat_ids)
    total = sum(count for count, _ in counts.values())
    return ScoringStats(
        total=total,
        by_class={name: counts.get(name, (0, 0.0))[0] for name in ("noise", "weak_signal", "signal")},
        corrections=corrections,
        mean_score=round(sum(score for _, score in counts.values()) / total, 4) if total else None,
        scorer_version=SCORER_VERSION,
        outdated=outdated,
    )


async def start_scoring_run(query: StartScoringRun) -> ScoringRunRecord:
    """Enqueue the scoring of all that has no score; the second time, nothing more."""
    async with transaction() as tx:
        if await begin_run(tx, query.run_id):
            tx.send(ScoreUnscoredMessages(), task_id=str(query.run_id), tracked=True)
    return ScoringRunRecord(run_id=query.run_id)


async def give_feedback(query: GiveFeedback) -> ScoreRecord:
    """Keep a person's correction and let it hold."""
    async with transaction() as tx:
        record = await keep_feedback(tx, query)
        score = ScoredMessage(
            message_id=record.message_id,
            importance_score=record.importance_score,
            message_class=record.message_class,
        )
        tx.publish(MessageScored(score=score))
        for command in commands_after_correction(record.message_id):
            tx.send(command)
    return record
