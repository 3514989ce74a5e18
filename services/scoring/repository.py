"""Every SQL statement of scoring."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.scoring.assessment import SCORER_VERSION, Assessment
from services.scoring.tables import CatchUp, Score, ScoreFeedback, ScoringRun
from shared.contracts.errors import not_found
from shared.contracts.ingestion import MessageText
from shared.contracts.scoring import GiveFeedback, ListScored, MessageClass, ScoreRecord
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction

ACTIVITY_WINDOW = 200
"""How many of an author's most recent messages their activity is derived from."""

ACTIVITY_AGE = timedelta(minutes=1)
"""How old a derived activity may be when one message is scored."""


class Activity(NamedTuple):
    """What an author's recent messages were."""

    messages: int
    signals: int
    noise: int


_KEEP = text(
    """
    INSERT INTO scoring.scores (message_id, chat_id, author_id, sent_at, written_at, content_hash,
        importance_score, scored_class, noise_factors, scorer_version)
    SELECT message_id, chat_id, author_id, sent_at, written_at, content_hash, score, scored_class,
        factors, :version
    FROM unnest(
        CAST(:message_ids AS bigint[]), CAST(:chat_ids AS bigint[]), CAST(:author_ids AS bigint[]),
        CAST(:sent_at AS timestamptz[]), CAST(:written_at AS timestamptz[]), CAST(:hashes AS text[]),
        CAST(:scores AS double precision[]), CAST(:classes AS text[]), CAST(:factors AS jsonb[])
    ) AS new (message_id, chat_id, author_id, sent_at, written_at, content_hash, score, scored_class, factors)
    ORDER BY message_id
    ON CONFLICT (message_id) DO UPDATE SET
        chat_id = excluded.chat_id, author_id = excluded.author_id, sent_at = excluded.sent_at,
        written_at = excluded.written_at, content_hash = excluded.content_hash,
        importance_score = excluded.importance_score, scored_class = excluded.scored_class,
        noise_factors = excluded.noise_factors, scorer_version = excluded.scorer_version, scored_at = now()
    WHERE scores.written_at <= excluded.written_at
        AND (scores.chat_id, scores.author_id, scores.sent_at, scores.written_at, scores.content_hash,
            scores.scorer_version)
        IS DISTINCT FROM (excluded.chat_id, excluded.author_id, excluded.sent_at, excluded.written_at,
            excluded.content_hash, excluded.scorer_version)
    RETURNING message_id, message_class
    """
)
_SCORED = text(
    """
    SELECT score.message_id FROM scoring.scores score
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS given (message_id, content_hash)
        ON given.message_id = score.message_id AND given.content_hash = score.content_hash
    WHERE score.scorer_version = :version
    """
)
_ACTIVITY = text(
    "SELECT author_id, messages, signals, noise FROM scoring.author_activity"
    " WHERE author_id = ANY(CAST(:author_ids AS bigint[])) AND derived_at > now() - CAST(:age AS interval)"
)
_DERIVE = text(
    f"""
    INSERT INTO scoring.author_activity (author_id, messages, signals, noise)
    SELECT author.id, count(recent.message_class),
        count(*) FILTER (WHERE recent.message_class = 'signal'),
        count(*) FILTER (WHERE recent.message_class = 'noise')
    FROM unnest(CAST(:author_ids AS bigint[])) AS author (id)
    LEFT JOIN LATERAL (
        SELECT message_class FROM scoring.scores WHERE author_id = author.id
        ORDER BY sent_at DESC LIMIT {ACTIVITY_WINDOW}
    ) AS recent ON true
    GROUP BY author.id ORDER BY author.id
    ON CONFLICT (author_id) DO UPDATE SET messages = excluded.messages, signals = excluded.signals,
        noise = excluded.noise, derived_at = now()
    RETURNING author_id, messages, signals, noise
    """  # noqa: S608 - the only part is a number of ours
)


async def author_activity(
    tx: Transaction, authors: Iterable[int | None], *, age: timedelta = ACTIVITY_AGE
) -> dict[int | None, Activity]:
    """What these authors' recent messages were, derived anew where it is older than `age`."""
    ids = sorted({author for author in authors if author is not None})
    if not ids:
        return {}
    rows = (await tx.execute(_ACTIVITY, {"author_ids": ids, "age": age})).all()
    stale = sorted(set(ids) - {row.author_id for row in rows})
    derived = (await tx.execute(_DERIVE, {"author_ids": stale})).all() if stale else []
    return {row.author_id: Activity(row.messages, row.signals, row.noise) for row in (*rows, *derived)}


async def keep_scores(
    tx: Transaction, scored: Sequence[tuple[MessageText, Assessment]]
) -> dict[int, MessageClass]:
    """Keep scores in place of earlier ones, but never in place of the score of a later text, or of the same.

    Returns:
        For each message whose score was kept the class that holds, corrections included. One that is there
        already was told of, as what tells of it was committed with it.
    """
    kept = await tx.execute(
        _KEEP,
        {
            "version": SCORER_VERSION,
            "message_ids": [message.id for message, _ in scored],
            "chat_ids": [message.chat_id for message, _ in scored],
            "author_ids": [message.author_id for message, _ in scored],
            "sent_at": [message.sent_at for message, _ in scored],
            "written_at": [message.written_at for message, _ in scored],
            "hashes": [message.content_hash for message, _ in scored],
            "scores": [assessment.score for _, assessment in scored],
            "classes": [assessment.message_class.value for _, assessment in scored],
            "factors": [msgspec.json.encode(assessment.as_json()).decode() for _, assessment in scored],
        },
    )
    return {row.message_id: row.message_class for row in kept}


async def scored_already(tx: Transaction, messages: Sequence[MessageText]) -> set[int]:
    """Which of these messages have a score of the present version for the text that they have."""
    rows = await tx.execute(
        _SCORED,
        {
            "ids": [message.id for message in messages],
            "hashes": [message.content_hash for message in messages],
            "version": SCORER_VERSION,
        },
    )
    return {row.message_id for row in rows}


async def scores_by_id(tx: Transaction, message_ids: Sequence[int]) -> list[ScoreRecord]:
    """The scores of these messages, in id order; messages without one are left out."""
    statement = _select_scores().where(Score.message_id.in_(message_ids)).order_by(Score.message_id)
    return [_record(row) for row in await tx.execute(statement)]


async def list_scored(
    tx: Transaction, query: ListScored, after: TimeAndId | None
) -> list[tuple[ScoreRecord, datetime]]:
    """Scores, newest message first, with when it was sent; one more than the limit when more follow."""
    statement = _select_scores().order_by(Score.sent_at.desc(), Score.message_id.desc())
    if query.message_class is not None:
        statement = statement.where(Score.message_class == query.message_class)
    if query.min_score is not None:
        statement = statement.where(Score.importance_score >= query.min_score)
    if query.chat_ids is not None:
        statement = statement.where(Score.chat_id.in_(query.chat_ids))
    if query.author_id is not None:
        statement = statement.where(Score.author_id == query.author_id)
    if query.since is not None:
        statement = statement.where(Score.sent_at >= query.since)
    if query.until is not None:
        statement = statement.where(Score.sent_at < query.until)
    if after is not None:
        statement = statement.where(tuple_(Score.sent_at, Score.message_id) < tuple_(after.at, after.id))
    return [(_record(row), row.sent_at) for row in await tx.execute(statement.limit(query.limit + 1))]


async def class_counts(tx: Transaction, chat_ids: list[int] | None) -> dict[str, tuple[int, float]]:
    """For each class how many messages it has, and the sum of their scores."""
    statement = select(
        Score.message_class, func.count().label("number"), func.sum(Score.importance_score).label("total")
    ).group_by(Score.message_class)
    if chat_ids is not None:
        statement = statement.where(Score.chat_id.in_(chat_ids))
    return {row.message_class: (row.number, row.total) for row in await tx.execute(statement)}


async def corrected_and_outdated(tx: Transaction, chat_ids: list[int] | None) -> tuple[int, int]:
    """How many scores a person corrected, and how many are of an earlier scorer version."""
    statement = select(
        func.count().filter(Score.corrected_class.is_not(None)).label("corrected"),
        func.count().filter(Score.scorer_version != SCORER_VERSION).label("outdated"),
    )
    if chat_ids is not None:
        statement = statement.where(Score.chat_id.in_(chat_ids))
    row = (await tx.execute(statement)).one()
    return row.corrected, row.outdated


async def keep_feedback(tx: Transaction, feedback: GiveFeedback) -> ScoreRecord:
    """Keep a person's correction and let it hold.

    Raises:
        QueryError: `not_found`, when the message has no score.
    """
    corrected_by = feedback.given_by if feedback.message_class is not None else None
    changed = await tx.execute(
        update(Score)
        .where(Score.message_id == feedback.message_id)
        .values(corrected_class=feedback.message_class, corrected_by=corrected_by)
    )
    if changed.rowcount == 0:
        raise not_found(f"scored message {feedback.message_id}")
    await tx.execute(
        insert(ScoreFeedback).values(
            message_id=feedback.message_id,
            message_class=feedback.message_class,
            given_by=feedback.given_by,
            comment=feedback.comment,
            given_at=func.now(),
        )
    )
    return (await scores_by_id(tx, [feedback.message_id]))[0]


async def begin_run(tx: Transaction, run_id: UUID) -> bool:
    """Note a run that a person starts; returns whether it is new."""
    statement = (
        insert(ScoringRun)
        .values(id=run_id, started_at=func.now())
        .on_conflict_do_nothing()
        .returning(ScoringRun.id)
    )
    return (await tx.execute(statement)).first() is not None


async def scored_through(tx: Transaction) -> int:
    """Up to which message id the present version has scored everything."""
    statement = select(CatchUp.through).where(CatchUp.scorer_version == SCORER_VERSION)
    return (await tx.execute(statement)).scalar() or 0


async def note_scored_through(tx: Transaction, through: int) -> None:
    """Note up to which message id the present version has scored everything."""
    statement = insert(CatchUp).values(scorer_version=SCORER_VERSION, through=through)
    further = func.greatest(CatchUp.through, statement.excluded.through)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["scorer_version"], set_={"through": further})
    )


def _select_scores() -> Select[Any]:
    return select(*Score.__table__.columns)


def _record(row: Any) -> ScoreRecord:
    return ScoreRecord(
        message_id=row.message_id,
        importance_score=row.importance_score,
        message_class=row.message_class,
        scored_class=row.scored_class,
        noise_factors=row.noise_factors,
        scorer_version=row.scorer_version,
        scored_at=row.scored_at,
        corrected_by=row.corrected_by,
    )
