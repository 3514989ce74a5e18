"""Labels: which topic messages are of, as people gave it, or confirmed it with the topic."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, insert

from services.knowledge.merging import MovedLabel
from services.knowledge.tables import MessageLabel
from shared.contracts.topics import LabelRecord
from shared.messaging.transaction import Transaction

_LABELS = text(
    """
    WITH given AS (
        SELECT label.message_id, label.topic_id, 'given' AS source, label.labelled_by AS by,
            label.labelled_at AS at
        FROM knowledge.message_labels label JOIN knowledge.topics topic ON topic.id = label.topic_id
        WHERE label.message_id > :after_id
            AND (:any_message OR label.message_id = ANY(:messages))
            AND (:any_topic OR label.topic_id = ANY(:topics))
            AND topic.status <> 'rejected' AND topic.merged_into IS NULL
        ORDER BY label.message_id LIMIT :most
    ), confirmed AS (
        SELECT member.message_id, min(topic.id) AS topic_id, 'confirmed' AS source,
            min(topic.reviewed_by) AS by, min(topic.reviewed_at) AS at
        FROM knowledge.message_topics member JOIN knowledge.topics topic ON topic.id = member.topic_id
        WHERE member.message_id > :after_id
            AND (:any_message OR member.message_id = ANY(:messages))
            AND topic.status = 'approved' AND topic.merged_into IS NULL
            AND topic.reviewed_by IS NOT NULL AND topic.rule_id IS NULL
            AND NOT EXISTS (
                SELECT FROM knowledge.message_labels label JOIN knowledge.topics of ON of.id = label.topic_id
                WHERE label.message_id = member.message_id
                    AND of.status <> 'rejected' AND of.merged_into IS NULL
            )
        GROUP BY member.message_id
        HAVING count(*) = 1 AND (:any_topic OR min(topic.id) = ANY(:topics))
        ORDER BY member.message_id LIMIT :most
    )
    SELECT * FROM (SELECT * FROM given UNION ALL SELECT * FROM confirmed) AS label
    ORDER BY message_id LIMIT :most
    """
).bindparams(bindparam("messages", type_=ARRAY(BigInteger)), bindparam("topics", type_=ARRAY(BigInteger)))
_PUT_BACK = text(
    """
    UPDATE knowledge.message_labels label SET topic_id = :to_topic
    FROM unnest(:messages, :times) AS moved (message_id, labelled_at)
    WHERE label.message_id = moved.message_id AND label.labelled_at = moved.labelled_at
        AND label.topic_id = :from_topic
    """
).bindparams(
    bindparam("messages", type_=ARRAY(BigInteger)), bindparam("times", type_=ARRAY(TIMESTAMP(timezone=True)))
)
_ALL = 2**63 - 1


async def list_labels(
    tx: Transaction, *, topic_ids: Sequence[int] = (), after_id: int = 0, most: int
) -> list[LabelRecord]:
    """The next labels in the order of their messages; of these topics, or of all when none is named."""
    return await _labels(tx, topics=topic_ids, after_id=after_id, most=most)


async def labels_of(tx: Transaction, message_ids: Sequence[int]) -> list[LabelRecord]:
    """The labels that messages have, in id order."""
    return await _labels(tx, messages=message_ids)


async def given_topics(tx: Transaction, message_ids: Sequence[int]) -> dict[int, int]:
    """The topics that people gave to messages; locks the labels, in id order."""
    statement = (
        select(MessageLabel.message_id, MessageLabel.topic_id)
        .where(MessageLabel.message_id.in_(message_ids))
        .order_by(MessageLabel.message_id)
        .with_for_update()
    )
    return {row.message_id: row.topic_id for row in await tx.execute(statement)}


async def give_labels(tx: Transaction, message_ids: Sequence[int], topic_id: int, by: str) -> None:
    """Label messages, whatever they were labelled before; the topic's row is locked."""
    rows = [
        {"message_id": message_id, "topic_id": topic_id, "labelled_by": by}
        for message_id in sorted(message_ids)
    ]
    statement = insert(MessageLabel)
    new = {
        "topic_id": statement.excluded.topic_id,
        "labelled_by": statement.excluded.labelled_by,
        "labelled_at": func.now(),
    }
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["message_id"], set_=new).values(rows),
    )


async def take_labels_back(tx: Transaction, message_ids: Sequence[int]) -> None:
    """Let messages have no label of their own."""
    await tx.execute(delete(MessageLabel).where(MessageLabel.message_id.in_(message_ids)))


async def move_labels(tx: Transaction, from_topic: int, to_topic: int) -> list[MovedLabel]:
    """Let all messages that are labelled with one topic be labelled with another."""
    statement = (
        update(MessageLabel)
        .where(MessageLabel.topic_id == from_topic)
        .values(topic_id=to_topic)
        .returning(MessageLabel.message_id, MessageLabel.labelled_at)
    )
    rows = sorted(await tx.execute(statement))
    return [MovedLabel(message_id=row.message_id, labelled_at=row.labelled_at) for row in rows]


async def put_labels_back(
    tx: Transaction, labels: Sequence[MovedLabel], from_topic: int, to_topic: int
) -> None:
    """Undo `move_labels` for those messages that nobody has labelled since."""
    if labels:
        messages, times = zip(*((each.message_id, each.labelled_at) for each in labels), strict=True)
        asked = {"messages": messages, "times": times, "from_topic": from_topic, "to_topic": to_topic}
        await tx.execute(_PUT_BACK, asked)


async def _labels(
    tx: Transaction,
    *,
    topics: Sequence[int] = (),
    messages: Sequence[int] | None = None,
    after_id: int = 0,
    most: int = _ALL,
) -> list[LabelRecord]:
    asked: dict[str, Any] = {
        "any_topic": not topics,
        "topics": list(topics),
        "any_message": messages is None,
        "messages": list(messages or ()),
        "after_id": after_id,
        "most": most,
    }
    return [
        LabelRecord(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
        for row in await tx.execute(_LABELS, asked)
    ]
