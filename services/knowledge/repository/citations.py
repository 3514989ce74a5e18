"""Citations: the verified quotes of atoms."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.knowledge.merging import DroppedSource, Source
from services.knowledge.tables import AtomSource
from shared.contracts.atoms import Citation
from shared.contracts.ingestion import MessageRecord
from shared.database.columns import columns_of
from shared.messaging.transaction import Transaction

MOST_CITATIONS = 100
"""How many citations of one atom are shown."""

_FIRST = text(
    f"""
    SELECT {columns_of(AtomSource, "source")} FROM (
        SELECT *, row_number() OVER (PARTITION BY atom_id ORDER BY sent_at, id) AS place
        FROM knowledge.atom_sources WHERE atom_id = ANY(:ids)
    ) AS source
    WHERE place <= :most ORDER BY atom_id, place
    """  # noqa: S608 - the names are our own
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
_COLUMNS = ", ".join(Source.__struct_fields__)
_RESTORE = text(
    f"""
    INSERT INTO knowledge.atom_sources ({_COLUMNS}) OVERRIDING SYSTEM VALUE
    SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::knowledge.atom_sources, :rows)
    """  # noqa: S608 - our own column names
).bindparams(bindparam("rows", type_=JSONB))


async def add_citations(tx: Transaction, atom_id: int, quotes: Sequence[tuple[MessageRecord, str]]) -> None:
    """Keep verified quotes; the same quote given twice is kept once."""
    await tx.execute(
        insert(AtomSource).on_conflict_do_nothing(),
        [
            {
                "atom_id": atom_id,
                "message_id": message.id,
                "quote": quote,
                "chat_id": message.chat.id,
                "author_id": message.author.user_id if message.author else None,
                "author": message.author.name if message.author else None,
                "sent_at": message.sent_at,
                "content_hash": message.content_hash,
            }
            for message, quote in quotes
        ],
    )


async def citations_of(tx: Transaction, atom_ids: Sequence[int]) -> dict[int, list[Citation]]:
    """The first citations of atoms, by time."""
    found: dict[int, list[Citation]] = {atom_id: [] for atom_id in atom_ids}
    for row in await tx.execute(_FIRST, {"ids": list(atom_ids), "most": MOST_CITATIONS}):
        found[row.atom_id].append(
            Citation(
                message_id=row.message_id,
                quote=row.quote,
                chat_id=row.chat_id,
                sent_at=row.sent_at,
                author=row.author,
                stale=row.stale,
            )
        )
    return found


async def quoted_messages(tx: Transaction, atom_id: int) -> tuple[list[int], datetime | None]:
    """The messages that an atom quotes, in id order, and when the last of them was sent."""
    statement = select(AtomSource.message_id, AtomSource.sent_at).where(AtomSource.atom_id == atom_id)
    rows = (await tx.execute(statement)).all()
    return sorted({row.message_id for row in rows}), max((row.sent_at for row in rows), default=None)


async def sources_of(tx: Transaction, atom_ids: Sequence[int]) -> list[Source]:
    """Every citation of atoms, as its row is kept, in id order."""
    statement = (
        select(*AtomSource.__table__.columns).where(AtomSource.atom_id.in_(atom_ids)).order_by(AtomSource.id)
    )
    return [Source(**row._mapping) for row in await tx.execute(statement)]  # noqa: SLF001


async def move_citations(tx: Transaction, source_ids: Sequence[int], *, old: int, new: int) -> None:
    """Give citations from one atom to another; what is no longer the first one's stays where it is."""
    await tx.execute(
        update(AtomSource).where(AtomSource.id.in_(source_ids), AtomSource.atom_id == old).values(atom_id=new)
    )


async def drop_citations(tx: Transaction, dropped: Sequence[DroppedSource]) -> None:
    """Delete citations that another atom has too."""
    await tx.execute(delete(AtomSource).where(AtomSource.id.in_([each.row.id for each in dropped])))


async def restore_citations(tx: Transaction, dropped: Sequence[DroppedSource]) -> None:
    """Put dropped citations back; whether they are stale is what became of those that they yielded to."""
    if not dropped:
        return
    statement = select(AtomSource.id, AtomSource.stale).where(
        AtomSource.id.in_([each.for_id for each in dropped])
    )
    stale = {row.id: row.stale for row in await tx.execute(statement)}
    rows = [
        msgspec.structs.replace(each.row, stale=stale.get(each.for_id, each.row.stale)) for each in dropped
    ]
    await tx.execute(_RESTORE, {"rows": msgspec.to_builtins(rows)})
