"""Topics for those who ask: whole records with their counts, a page at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text, tuple_

from services.knowledge.tables import Topic
from shared.contracts.errors import not_found
from shared.contracts.topics import ListTopics, TopicRecord
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction

_COUNTS = text(
    """
    SELECT wanted.id, coalesce(atoms.number, 0) AS atoms, coalesce(messages.number, 0) AS messages,
        coalesce(drafts.number, 0) AS drafts
    FROM unnest(CAST(:ids AS bigint[])) AS wanted (id)
    LEFT JOIN (
        SELECT topic_id, count(*) AS number FROM knowledge.topic_atoms
        WHERE topic_id = ANY(:ids) AND NOT EXISTS (
            SELECT FROM knowledge.atoms
            WHERE atoms.id = topic_atoms.atom_id AND (status = 'rejected' OR merged_into IS NOT NULL)
        )
        GROUP BY topic_id
    ) AS atoms ON atoms.topic_id = wanted.id
    LEFT JOIN (
        SELECT topic_id, count(*) AS number FROM knowledge.message_topics
        WHERE topic_id = ANY(:ids) GROUP BY topic_id
    ) AS messages ON messages.topic_id = wanted.id
    LEFT JOIN (
        SELECT topic_id, count(*) AS number FROM knowledge.topic_versions
        WHERE topic_id = ANY(:ids) AND status = 'draft' GROUP BY topic_id
    ) AS drafts ON drafts.topic_id = wanted.id
    """
)


async def topic_record(tx: Transaction, topic_id: int) -> TopicRecord:
    """One topic with its counts, also one that was merged away.

    Raises:
        QueryError: `not_found`.
    """
    row = (await tx.execute(select(*Topic.__table__.columns).where(Topic.id == topic_id))).one_or_none()
    if row is None:
        raise not_found(f"topic {topic_id}")
    return (await _records(tx, [row]))[0]


async def list_topics(tx: Transaction, query: ListTopics, after: TimeAndId | None) -> list[TopicRecord]:
    """Topics with their counts, latest change first; one more than the limit when more follow."""
    statement = (
        select(*Topic.__table__.columns)
        .where(Topic.merged_into.is_(None))
        .order_by(Topic.updated_at.desc(), Topic.id.desc())
        .limit(query.limit + 1)
    )
    if query.status is not None:
        statement = statement.where(Topic.status == query.status)
    for word in (query.search or "").split():
        searched = func.lower(Topic.name + " " + Topic.description)
        statement = statement.where(func.strpos(searched, func.lower(word)) > 0)
    if after is not None:
        statement = statement.where(tuple_(Topic.updated_at, Topic.id) < tuple_(after.at, after.id))
    return await _records(tx, (await tx.execute(statement)).all())


async def _records(tx: Transaction, rows: Sequence[Row[Any]]) -> list[TopicRecord]:
    if not rows:
        return []
    counts = {row.id: row for row in await tx.execute(_COUNTS, {"ids": [row.id for row in rows]})}
    return [
        TopicRecord(
            id=row.id,
            name=row.name,
            description=row.description,
            icon=row.icon,
            colour=row.colour,
            status=row.status,
            confidence=row.confidence,
            atoms=counts[row.id].atoms,
            messages=counts[row.id].messages,
            version=row.version,
            drafts=counts[row.id].drafts,
            merged_into=row.merged_into,
            run_id=row.run_id,
            reviewed_by=row.reviewed_by,
            reviewed_at=row.reviewed_at,
            rule_id=row.rule_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
