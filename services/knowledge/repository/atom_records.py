"""Atoms for those who ask: whole records, a page at a time."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_

from services.knowledge.repository.citations import citations_of
from services.knowledge.repository.links import count_links
from services.knowledge.tables import Atom, AtomSource, AtomVersion, Topic, TopicAtom
from shared.contracts.atoms import AtomRecord, ListAtoms
from shared.contracts.errors import not_found
from shared.contracts.knowledge import TopicRef
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction


async def atom_record(tx: Transaction, atom_id: int) -> AtomRecord:
    """One atom, also one that was merged away.

    Raises:
        QueryError: `not_found`.
    """
    found = await atom_records(tx, [atom_id])
    if not found:
        raise not_found(f"atom {atom_id}")
    return found[0]


async def atom_records(tx: Transaction, atom_ids: Sequence[int]) -> list[AtomRecord]:
    """The atoms with these ids, in id order; unknown ids are left out."""
    return await _records(tx, _select_atoms().where(Atom.id.in_(atom_ids)).order_by(Atom.id))


async def list_atoms(tx: Transaction, query: ListAtoms, after: TimeAndId | None) -> list[AtomRecord]:
    """Atoms, newest first; one more than the limit when more follow."""
    statement = _select_atoms().where(Atom.merged_into.is_(None))
    if query.status is None:
        statement = statement.where(Atom.status != "rejected")
    else:
        statement = statement.where(Atom.status == query.status)
    if query.type is not None:
        statement = statement.where(Atom.type == query.type)
    if query.topic_id is not None:
        members = select(TopicAtom.atom_id).where(TopicAtom.topic_id == query.topic_id)
        statement = statement.where(Atom.id.in_(members))
    if query.message_id is not None:
        quoting = select(AtomSource.atom_id).where(AtomSource.message_id == query.message_id)
        statement = statement.where(Atom.id.in_(quoting))
    if query.run_id is not None:
        statement = statement.where(Atom.run_id == query.run_id)
    if not query.include_superseded:
        statement = statement.where(Atom.valid_to.is_(None))
    if after is not None:
        statement = statement.where(tuple_(Atom.created_at, Atom.id) < tuple_(after.at, after.id))
    newest_first = statement.order_by(Atom.created_at.desc(), Atom.id.desc())
    return await _records(tx, newest_first.limit(query.limit + 1))


async def quoting_atoms(tx: Transaction, message_ids: Sequence[int], most: int) -> list[AtomRecord]:
    """The oldest atoms that quote one of these messages, neither rejected nor merged away, in id order."""
    quoting = select(AtomSource.atom_id).where(AtomSource.message_id.in_(message_ids))
    standing = Atom.merged_into.is_(None), Atom.status != "rejected"
    statement = _select_atoms().where(Atom.id.in_(quoting), *standing).order_by(Atom.id)
    return await _records(tx, statement.limit(most))


def _select_atoms() -> Select[Any]:
    return select(*Atom.__table__.columns)


async def _records(tx: Transaction, statement: Select[Any]) -> list[AtomRecord]:
    rows = (await tx.execute(statement)).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    topics, citations = await _topics(tx, ids), await citations_of(tx, ids)
    drafts, superseded = await _drafts(tx, ids), await _superseded(tx, ids)
    links = await count_links(tx, ids)
    return [
        _record(
            row,
            topics=topics[row.id],
            citations=citations[row.id],
            drafts=drafts.get(row.id, 0),
            supersedes=superseded[row.id],
            links=links.get(row.id, 0),
        )
        for row in rows
    ]


async def _topics(tx: Transaction, ids: Sequence[int]) -> dict[int, list[TopicRef]]:
    statement = (
        select(TopicAtom.atom_id, Topic.id, Topic.name, Topic.icon, Topic.colour)
        .join(Topic, Topic.id == TopicAtom.topic_id)
        .where(TopicAtom.atom_id.in_(ids), Topic.merged_into.is_(None))
        .order_by(TopicAtom.atom_id, Topic.name, Topic.id)
    )
    found = defaultdict(list)
    for row in await tx.execute(statement):
        found[row.atom_id].append(TopicRef(id=row.id, name=row.name, icon=row.icon, colour=row.colour))
    return found


async def _drafts(tx: Transaction, ids: Sequence[int]) -> dict[int, int]:
    statement = (
        select(AtomVersion.atom_id, func.count().label("number"))
        .where(AtomVersion.atom_id.in_(ids), AtomVersion.status == "draft")
        .group_by(AtomVersion.atom_id)
    )
    return {row.atom_id: row.number for row in await tx.execute(statement)}


async def _superseded(tx: Transaction, ids: Sequence[int]) -> dict[int, list[int]]:
    statement = (
        select(Atom.superseded_by, Atom.id)
        .where(Atom.superseded_by.in_(ids), Atom.merged_into.is_(None))
        .order_by(Atom.id)
    )
    found = defaultdict(list)
    for row in await tx.execute(statement):
        found[row.superseded_by].append(row.id)
    return found


def _record(row: Row[Any], **gathered: Any) -> AtomRecord:
    return AtomRecord(
        id=row.id,
        type=row.type,
        title=row.title,
        content=row.content,
        confidence=row.confidence,
        status=row.status,
        meta=row.meta,
        version=row.version,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        # What only will replace it when it is approved does not yet.
        superseded_by=row.superseded_by if row.valid_to is not None else None,
        merged_into=row.merged_into,
        run_id=row.run_id,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        rule_id=row.rule_id,
        basic_mode=row.basic_mode,
        created_at=row.created_at,
        updated_at=row.updated_at,
        **gathered,
    )
