"""What an extraction makes: topics, atoms and links, and decisions that are to replace others."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from services.knowledge.tables import Atom, AtomLink, AtomSource, AtomVersion, Topic, TopicVersion
from shared.contracts.atoms import LinkType
from shared.contracts.knowledge import EntityKind, TopicRef
from shared.contracts.revisions import FieldChange
from shared.messaging.transaction import Transaction

_MOST_TOLD = 100

_TOPICS_OF_RUN = text(
    """
    SELECT DISTINCT topic.id, topic.name, topic.icon, topic.colour
    FROM knowledge.atoms atom
        JOIN knowledge.topic_atoms member ON member.atom_id = coalesce(atom.merged_into, atom.id)
        JOIN knowledge.topics topic ON topic.id = member.topic_id
    WHERE atom.run_id = :run_id ORDER BY topic.id LIMIT :most
    """
)


async def make_topic(tx: Transaction, **values: Any) -> int | None:
    """Keep a new topic; None when another one has got the name meanwhile."""
    statement = insert(Topic).values(**values).on_conflict_do_nothing().returning(Topic.id)
    made: int | None = (await tx.execute(statement)).scalar()
    return made


async def make_atom(tx: Transaction, **values: Any) -> int:
    """Keep a new atom; returns its id."""
    return int((await tx.execute(insert(Atom).values(**values).returning(Atom.id))).scalar_one())


async def make_link(  # noqa: PLR0913 - a row has as many columns
    tx: Transaction, kind: LinkType, source: int, target: int, *, strength: float, run_id: UUID
) -> bool:
    """Link two atoms unless they are linked so already; returns whether the link is new."""
    statement = (
        insert(AtomLink)
        .values(from_atom=source, to_atom=target, type=kind, strength=strength, run_id=run_id)
        .on_conflict_do_nothing()
        .returning(AtomLink.id)
    )
    return (await tx.execute(statement)).first() is not None


async def cited_by(tx: Transaction, atom_ids: Collection[int]) -> dict[int, set[tuple[int, str]]]:
    """What atoms quote: message ids and words."""
    found: dict[int, set[tuple[int, str]]] = {atom_id: set() for atom_id in atom_ids}
    statement = select(AtomSource.atom_id, AtomSource.message_id, AtomSource.quote).where(
        AtomSource.atom_id.in_(atom_ids)
    )
    for row in await tx.execute(statement):
        found[row.atom_id].add((row.message_id, row.quote))
    return found


async def is_proposed(
    tx: Transaction, entity: EntityKind, entity_id: int, changes: Collection[FieldChange]
) -> bool:
    """Whether the very same changes wait for a decision already, or a person decided against them.

    Of a topic one draft of a field is enough: each conversation has other words for what it is about.
    """
    table, owner = (
        (TopicVersion, TopicVersion.topic_id) if entity == "topic" else (AtomVersion, AtomVersion.atom_id)
    )
    is_known = (table.status != "approved") & (
        table.changes == [msgspec.to_builtins(change) for change in changes]
    )
    if entity == "topic":
        same_fields = [{"field": change.field, "before": change.before} for change in changes]
        is_known |= (table.status == "draft") & table.changes.contains(same_fields)
    statement = select(table.id).where(owner == entity_id, is_known)
    return (await tx.execute(statement.limit(1))).first() is not None


async def propose_successor(tx: Transaction, atom_id: int, successor: int) -> bool:
    """Let a decision be replaced by a later one, unless another one that stands is to replace it.

    It takes effect when both are approved. Returns whether it was proposed.
    """
    other = aliased(Atom)
    standing = select(other.id).where(
        other.id == Atom.superseded_by, other.status != "rejected", other.merged_into.is_(None)
    )
    statement = (
        update(Atom)
        .where(Atom.id == atom_id, or_(Atom.superseded_by.is_(None), ~standing.exists()))
        .values(superseded_by=successor, updated_at=func.now())
    )
    return (await tx.execute(statement)).rowcount == 1


async def topics_of_run(tx: Transaction, run_id: UUID) -> list[TopicRef]:
    """The topics that an extraction made or added to."""
    rows = await tx.execute(_TOPICS_OF_RUN, {"run_id": run_id, "most": _MOST_TOLD})
    return [_topic_ref(row) for row in rows]


async def atoms_of_run(tx: Transaction, run_id: UUID) -> list[int]:
    """The new atoms of an extraction, the first hundred."""
    statement = select(Atom.id).where(Atom.run_id == run_id, Atom.merged_into.is_(None))
    return list((await tx.execute(statement.order_by(Atom.id).limit(_MOST_TOLD))).scalars())


def _topic_ref(row: Row[Any]) -> TopicRef:
    return TopicRef(id=row.id, name=row.name, icon=row.icon, colour=row.colour)
