"""Quotes looked up again in the texts that messages have now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from services.knowledge.tables import AtomSource
from shared.contracts.ingestion import MessageText
from shared.messaging.transaction import Transaction

_KEEP = text(
    """
    WITH looked AS (
        SELECT * FROM unnest(:ids, :stale, :hashes, :written_at)
            AS looked (source_id, stale, content_hash, written_at)
    ), locked AS (
        SELECT source.id FROM knowledge.atom_sources source JOIN looked ON looked.source_id = source.id
        ORDER BY source.id FOR NO KEY UPDATE OF source
    ), changed AS (
        UPDATE knowledge.atom_sources source SET
            stale = looked.stale,
            content_hash = CASE WHEN looked.stale THEN source.content_hash ELSE looked.content_hash END
        FROM looked JOIN locked ON locked.id = looked.source_id
        WHERE source.id = looked.source_id AND NOT EXISTS (
            SELECT FROM knowledge.pending_messages held
            WHERE held.message_id = source.message_id AND held.written_at > looked.written_at
        )
        RETURNING source.atom_id, looked.source_id
    )
    SELECT DISTINCT changed.atom_id FROM changed
        JOIN knowledge.atom_sources before ON before.id = changed.source_id
        JOIN looked ON looked.source_id = changed.source_id
    WHERE before.stale <> looked.stale ORDER BY changed.atom_id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(BigInteger)),
    bindparam("stale", type_=ARRAY(Boolean)),
    bindparam("hashes", type_=ARRAY(Text)),
    bindparam("written_at", type_=ARRAY(TIMESTAMP(timezone=True))),
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote of a message."""

    id: int
    message_id: int
    quote: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A quote that was looked up in a text."""

    id: int
    stale: bool
    text: MessageText


async def quotes_of(tx: Transaction, message_ids: Sequence[int]) -> list[Cited]:
    """The quotes of messages, in id order."""
    statement = (
        select(AtomSource.id, AtomSource.message_id, AtomSource.quote)
        .where(AtomSource.message_id.in_(message_ids))
        .order_by(AtomSource.id)
    )
    return [Cited(row.id, row.message_id, row.quote) for row in await tx.execute(statement)]


async def keep_checked(tx: Transaction, checked: Sequence[Checked]) -> list[int]:
    """Keep whether quotes stand, unless a later text than the one looked at is known of.

    Returns:
        The ids of atoms of which a quote became stale, or holds again.
    """
    if not checked:
        return []
    given = {
        "ids": [each.id for each in checked],
        "stale": [each.stale for each in checked],
        "hashes": [each.text.content_hash for each in checked],
        "written_at": [each.text.written_at for each in checked],
    }
    return list((await tx.execute(_KEEP, given)).scalars())
