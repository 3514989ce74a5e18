"""Topics: kept, locked, listed with their counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.knowledge.tables import Topic
from shared.contracts.errors import QueryError, not_found
from shared.contracts.knowledge import ReviewStatus
from shared.contracts.revisions import RuleRecord
from shared.contracts.topics import CreateTopic
from shared.messaging.transaction import Transaction

_APPROVE_WAITING = text(
    """
    WITH batch AS (
        SELECT id FROM knowledge.topics
        WHERE status = 'needs_review' AND merged_into IS NULL AND reviewed_by IS NULL
            AND confidence >= :confidence
        ORDER BY id LIMIT :most FOR NO KEY UPDATE
    )
    UPDATE knowledge.topics
    SET status = 'approved', rule_id = :rule_id, reviewed_at = now(), updated_at = now()
    FROM batch WHERE topics.id = batch.id RETURNING topics.id
    """
)


async def insert_topic(tx: Transaction, topic: CreateTopic) -> int:
    """Keep an approved topic of a person's; returns its id.

    Raises:
        QueryError: `conflict`, naming the topic that has the name.
    """
    statement = (
        insert(Topic)
        .values(
            name=topic.name,
            description=topic.description,
            icon=topic.icon,
            colour=topic.colour,
            status="approved",
            confidence=1.0,
            reviewed_by=topic.by,
            reviewed_at=func.now(),
        )
        .on_conflict_do_nothing()
        .returning(Topic.id)
    )
    made: int | None = (await tx.execute(statement)).scalar()
    if made is None:
        raise await _name_is_taken(tx, topic.name)
    return made


async def change_topic(tx: Transaction, topic_id: int, **values: Any) -> None:
    """Change columns of a topic whose row the caller has locked, and say that it changed now.

    Raises:
        QueryError: `conflict`, naming the topic that has the name.
    """
    statement = update(Topic).where(Topic.id == topic_id).values(updated_at=func.now(), **values)
    try:
        async with tx.connection.begin_nested():
            await tx.execute(statement)
    except IntegrityError as error:
        own_name = select(Topic.name).where(Topic.id == topic_id)
        name = values.get("name") or (await tx.execute(own_name)).scalar_one()
        raise await _name_is_taken(tx, name) from error


async def lock_topics(tx: Transaction, topic_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Lock topics in id order, and return their rows by id; unknown ids are left out."""
    statement = (
        select(*Topic.__table__.columns)
        .where(Topic.id.in_(topic_ids))
        .order_by(Topic.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in await tx.execute(statement)}


async def lock_living_topics(
    tx: Transaction, topic_ids: Sequence[int], *, fields: Mapping[int, str] | None = None
) -> dict[int, Row[Any]]:
    """Lock topics that are to be changed.

    Args:
        tx: The transaction.
        topic_ids: Which.
        fields: Of those that a field of the query's body names, which field it is.

    Raises:
        QueryError: `not_found` for one that is not there, `invalid` when a field names it; `conflict` for one
            that was merged away.
    """
    found = await lock_topics(tx, topic_ids)
    for topic_id in topic_ids:
        field = (fields or {}).get(topic_id)
        if topic_id not in found:
            missing = not_found(f"topic {topic_id}")
            raise missing if field is None else QueryError("invalid", str(missing), field=field)
        if found[topic_id].merged_into is not None:
            raise QueryError("conflict", str(merged_away(found[topic_id])), field=field)
    return found


def merged_away(topic: Row[Any]) -> QueryError:
    """The refusal to change a topic that another one took over."""
    return QueryError(
        "conflict",
        f"Topic {topic.id} was merged into topic {topic.merged_into}: change that one, or undo the merge.",
    )


async def keep_topic_review(tx: Transaction, topic_id: int, status: ReviewStatus, by: str) -> None:
    """Keep a person's decision about a topic whose row the caller has locked."""
    await change_topic(tx, topic_id, status=status, reviewed_by=by, reviewed_at=func.now(), rule_id=None)


async def approve_waiting_topics(tx: Transaction, rule: RuleRecord, most: int) -> list[int]:
    """Approve the next topics that a rule approves and no person has decided about; returns their ids."""
    rows = await tx.execute(
        _APPROVE_WAITING, {"rule_id": rule.id, "confidence": rule.min_confidence, "most": most}
    )
    return sorted(rows.scalars())


async def _name_is_taken(tx: Transaction, name: str) -> QueryError:
    statement = select(Topic.id, Topic.name, Topic.status).where(
        func.lower(Topic.name) == func.lower(name), Topic.merged_into.is_(None)
    )
    other = (await tx.execute(statement)).one_or_none()
    if other is None:
        message = f"The name “{name}” was taken at this moment; try again."
    else:
        message = f"Topic {other.id} has the name “{other.name}” already ({other.status})."
    return QueryError("conflict", message, field="name")
