"""What an extraction does next: the messages that it holds, those around them, what was asked before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.knowledge.conversations import Mark
from services.knowledge.tables import AskedConversation
from shared.messaging.transaction import Transaction

_MOST_BEFORE, _MOST_FROM_THEN_ON = 40, 400

_FIRST = text(
    """
    SELECT chat_id, coalesce(thread_id, 0) AS thread_id, sent_at, message_id FROM knowledge.pending_messages
    WHERE extraction_id = :extraction_id AND state = 'claimed' ORDER BY sent_at, message_id LIMIT 1
    """
)
_SIDE = """
    SELECT message_id, chat_id, thread_id, sent_at, content_hash,
        state <> 'ignored' AND message_class <> 'noise' AS has_substance,
        coalesce(extraction_id = :extraction_id AND state = 'claimed', false) AS is_mine
    FROM knowledge.pending_messages
    WHERE chat_id = :chat_id AND coalesce(thread_id, 0) = :thread_id
        AND (sent_at, message_id) {side} (:sent_at, :message_id)
    ORDER BY chat_id {order}, coalesce(thread_id, 0) {order}, sent_at {order}, message_id {order} LIMIT :most
"""
_SAID_BEFORE = text(_SIDE.format(side="<", order="DESC"))
_SAID_FROM_THEN_ON = text(_SIDE.format(side=">=", order="ASC"))
_HASHES = text(
    """
    SELECT message_id, content_hash FROM knowledge.pending_messages
    WHERE message_id = ANY(:ids) AND extraction_id = :extraction_id AND state = 'claimed'
    ORDER BY message_id FOR NO KEY UPDATE
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


@dataclass(frozen=True, slots=True)
class Held:
    """A message near to what an extraction does next.

    Attributes:
        mark: It waits when it is the extraction's.
        has_substance: It is neither noise nor without text.
    """

    mark: Mark
    content_hash: str
    has_substance: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about a conversation beside its messages, and which answer was saved, if one was."""

    known_topics: list[str]
    context_ids: list[int]
    answer_hash: str | None


async def next_messages(tx: Transaction, extraction_id: UUID) -> list[Held]:
    """The first message that an extraction still holds, with what was said before and after it there."""
    first = (await tx.execute(_FIRST, {"extraction_id": extraction_id})).one_or_none()
    if first is None:
        return []
    given = {"extraction_id": extraction_id, **first._mapping}  # noqa: SLF001 - SQLAlchemy's own name
    before = await tx.execute(_SAID_BEFORE, {**given, "most": _MOST_BEFORE})
    from_then_on = await tx.execute(_SAID_FROM_THEN_ON, {**given, "most": _MOST_FROM_THEN_ON})
    return [
        Held(
            Mark(row.message_id, row.chat_id, row.thread_id, row.sent_at, row.is_mine),
            row.content_hash,
            row.has_substance,
        )
        for row in (*reversed(before.all()), *from_then_on)
    ]


async def are_unchanged(tx: Transaction, extraction_id: UUID, hashes: Mapping[int, str]) -> bool:
    """Whether an extraction holds all of these messages, each with this text; locks them."""
    rows = await tx.execute(_HASHES, {"extraction_id": extraction_id, "ids": sorted(hashes)})
    return {row.message_id: row.content_hash for row in rows} == dict(hashes)


async def find_asked(tx: Transaction, key: str) -> Asked | None:
    """What was asked about a conversation before; None when nothing was."""
    statement = select(
        AskedConversation.known_topics, AskedConversation.context_ids, AskedConversation.answer_hash
    ).where(AskedConversation.key == key)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Asked(row.known_topics, row.context_ids, row.answer_hash)


async def keep_asked(
    tx: Transaction, key: str, known_topics: Sequence[str], context_ids: Sequence[int]
) -> None:
    """Keep what is going to be asked about a conversation; what was kept first stays."""
    statement = insert(AskedConversation).values(
        key=key, known_topics=list(known_topics), context_ids=list(context_ids), asked_at=func.now()
    )
    await tx.execute(statement.on_conflict_do_nothing())


async def keep_answered(tx: Transaction, key: str, answer_hash: str) -> None:
    """Keep that this answer was saved."""
    await tx.execute(
        update(AskedConversation).where(AskedConversation.key == key).values(answer_hash=answer_hash)
    )
