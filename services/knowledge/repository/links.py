"""Links between atoms."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Row, and_, bindparam, delete, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import aliased

from services.knowledge.merging import DroppedLink, Link
from services.knowledge.tables import Atom, AtomLink
from shared.contracts.atoms import CreateLink, LinkRecord
from shared.messaging.transaction import Transaction

MOST_LINKS = 1000
"""How many links of one atom are listed."""

_COLUMNS = ", ".join(Link.__struct_fields__)
_RESTORE = text(
    f"""
    INSERT INTO knowledge.atom_links ({_COLUMNS}) OVERRIDING SYSTEM VALUE
    SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::knowledge.atom_links, :rows)
    """  # noqa: S608 - our own column names
).bindparams(bindparam("rows", type_=JSONB))
_REPOINT = text(
    """
    UPDATE knowledge.atom_links SET
        from_atom = CASE WHEN from_atom = :old AND id = ANY(:from_ids) THEN :new ELSE from_atom END,
        to_atom = CASE WHEN to_atom = :old AND id = ANY(:to_ids) THEN :new ELSE to_atom END
    WHERE id = ANY(:from_ids) OR id = ANY(:to_ids)
    """
).bindparams(
    bindparam("old", type_=BigInteger),
    bindparam("new", type_=BigInteger),
    bindparam("from_ids", type_=ARRAY(BigInteger)),
    bindparam("to_ids", type_=ARRAY(BigInteger)),
)


_COUNT = text(
    """
    SELECT atom_id, count(*) AS number FROM (
        SELECT from_atom AS atom_id FROM knowledge.atom_links WHERE from_atom = ANY(:ids)
        UNION ALL SELECT to_atom FROM knowledge.atom_links WHERE to_atom = ANY(:ids)
    ) AS link GROUP BY atom_id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


async def keep_link(tx: Transaction, link: CreateLink) -> LinkRecord:
    """Keep a link; the same link made again has the new strength."""
    statement = insert(AtomLink).values(
        from_atom=link.from_atom,
        to_atom=link.to_atom,
        type=link.type,
        strength=link.strength,
        created_by=link.by,
    )
    once = statement.on_conflict_do_update(
        index_elements=["from_atom", "to_atom", "type"], set_={"strength": statement.excluded.strength}
    ).returning(*AtomLink.__table__.columns)
    return _record((await tx.execute(once)).one())


async def delete_link(tx: Transaction, link_id: int) -> LinkRecord | None:
    """Delete a link; returns what it was, None when there is none."""
    statement = delete(AtomLink).where(AtomLink.id == link_id).returning(*AtomLink.__table__.columns)
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _record(row)


async def list_links(tx: Transaction, atom_id: int) -> list[LinkRecord]:
    """The strongest links from and to an atom, strongest first."""
    statement = _touching(atom_id).order_by(AtomLink.strength.desc(), AtomLink.id).limit(MOST_LINKS)
    return [_record(row) for row in await tx.execute(statement)]


async def living_links(tx: Transaction, atom_ids: Sequence[int]) -> list[LinkRecord]:
    """Links from and to these atoms, strongest first; none to what was rejected or merged away."""
    ends = aliased(Atom), aliased(Atom)
    statement = (
        select(*AtomLink.__table__.columns)
        .join(ends[0], ends[0].id == AtomLink.from_atom)
        .join(ends[1], ends[1].id == AtomLink.to_atom)
        .where(or_(AtomLink.from_atom.in_(atom_ids), AtomLink.to_atom.in_(atom_ids)))
        .where(*(and_(end.status != "rejected", end.merged_into.is_(None)) for end in ends))
        .order_by(AtomLink.strength.desc(), AtomLink.id)
    )
    return [_record(row) for row in await tx.execute(statement)]


async def count_links(tx: Transaction, atom_ids: Sequence[int]) -> dict[int, int]:
    """How many links there are from and to atoms; those without any are left out."""
    return {row.atom_id: row.number for row in await tx.execute(_COUNT, {"ids": list(atom_ids)})}


async def links_of(tx: Transaction, atom_ids: Sequence[int]) -> list[Link]:
    """Every link that touches one of these atoms, as its row is kept, in id order."""
    statement = (
        select(*AtomLink.__table__.columns)
        .where(or_(AtomLink.from_atom.in_(atom_ids), AtomLink.to_atom.in_(atom_ids)))
        .order_by(AtomLink.id)
    )
    return [Link(**row._mapping) for row in await tx.execute(statement)]  # noqa: SLF001


async def repoint_links(tx: Transaction, links: Sequence[Link], *, at: int, old: int, new: int) -> None:
    """Put one atom in another's place in links, at the end at which they once had the atom `at`."""
    await tx.execute(
        _REPOINT,
        {
            "old": old,
            "new": new,
            "from_ids": [link.id for link in links if link.from_atom == at],
            "to_ids": [link.id for link in links if link.to_atom == at],
        },
    )


async def drop_links(tx: Transaction, dropped: Sequence[DroppedLink]) -> None:
    """Delete links that another atom has too, or that would link an atom to itself."""
    await tx.execute(delete(AtomLink).where(AtomLink.id.in_([each.row.id for each in dropped])))


async def restore_links(tx: Transaction, dropped: Sequence[DroppedLink]) -> None:
    """Put dropped links back."""
    if dropped:
        await tx.execute(_RESTORE, {"rows": msgspec.to_builtins([each.row for each in dropped])})


def _touching(atom_id: int) -> Any:
    return select(*AtomLink.__table__.columns).where(
        or_(AtomLink.from_atom == atom_id, AtomLink.to_atom == atom_id)
    )


def _record(row: Row[Any]) -> LinkRecord:
    return LinkRecord(
        id=row.id,
        from_atom=row.from_atom,
        to_atom=row.to_atom,
        type=row.type,
        strength=row.strength,
        run_id=row.run_id,
        created_at=row.created_at,
    )
