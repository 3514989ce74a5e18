"""Merges: kept with what they moved, so that they can be undone."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.knowledge.merging import (
    MovedAtom,
    MovedTopic,
)
from services.knowledge.tables import Merge
from services.knowledge.undoing import (
    AtomMerge,
)
from shared.contracts.errors import not_found
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import ListMerges, MergeRecord
from shared.messaging.transaction import Transaction

MOST_MERGES = 100
"""How many merges are listed."""


_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('knowledge.merges'))")
_LATER = text(
    """
    SELECT id, kept_id, merged_id, moved FROM knowledge.merges
    WHERE entity = :entity AND id > :after_id AND undone_at IS NULL
        AND (kept_id = ANY(:ids) OR merged_id = ANY(:ids))
    ORDER BY id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


class TopicMerge(NamedTuple):
    """A merge of topics that holds."""

    id: int
    kept_id: int
    merged_id: int
    moved: MovedTopic


async def add_merge(  # noqa: PLR0913 - a row has as many columns
    tx: Transaction,
    entity: EntityKind,
    *,
    kept_id: int,
    merged_id: int,
    moved: MovedTopic | MovedAtom,
    by: str | None,
    similarity: float | None,
    run_id: UUID | None,
) -> MergeRecord:
    """Keep a merge."""
    statement = (
        insert(Merge)
        .values(
            entity=entity,
            kept_id=kept_id,
            merged_id=merged_id,
            similarity=similarity,
            moved=msgspec.to_builtins(moved),
            run_id=run_id,
            merged_by=by,
            merged_at=func.now(),
        )
        .returning(*Merge.__table__.columns)
    )
    return _record((await tx.execute(statement)).one())


async def lock_merging(tx: Transaction) -> None:
    """Let nobody else merge, undo, apply a rule or save an extraction until this transaction ends.

    To be taken before any row is locked.
    """
    await tx.execute(_LOCK)


async def find_merge(tx: Transaction, merge_id: int) -> tuple[MergeRecord, dict[str, Any]]:
    """A merge, and what it moved.

    Raises:
        QueryError: `not_found`.
    """
    statement = select(*Merge.__table__.columns).where(Merge.id == merge_id)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        raise not_found(f"merge {merge_id}")
    return _record(row), row.moved


async def present_merge(tx: Transaction, entity: EntityKind, *, kept_id: int, merged_id: int) -> MergeRecord:
    """The merge that holds between these two."""
    statement = (
        select(*Merge.__table__.columns)
        .where(
            Merge.entity == entity,
            Merge.kept_id == kept_id,
            Merge.merged_id == merged_id,
            Merge.undone_at.is_(None),
        )
        .order_by(Merge.id.desc())
        .limit(1)
    )
    return _record((await tx.execute(statement)).one())


async def topic_merges_away(tx: Transaction, topic_ids: Collection[int]) -> list[TopicMerge]:
    """Merges that hold and took one of these topics away."""
    statement = select(Merge.id, Merge.kept_id, Merge.merged_id, Merge.moved).where(
        Merge.entity == "topic", Merge.merged_id.in_(topic_ids), Merge.undone_at.is_(None)
    )
    return [_topic_merge(row) for row in await tx.execute(statement.order_by(Merge.id))]


async def later_atom_merges(tx: Transaction, after_id: int, atom_ids: Collection[int]) -> list[AtomMerge]:
    """Merges that hold, came after one, and kept or took away one of these atoms."""
    return [
        AtomMerge(
            id=row.id,
            kept_id=row.kept_id,
            merged_id=row.merged_id,
            moved=msgspec.convert(row.moved, MovedAtom),
        )
        for row in await tx.execute(_LATER, {"entity": "atom", "after_id": after_id, "ids": list(atom_ids)})
    ]


async def later_topic_merges(tx: Transaction, after_id: int, topic_ids: Collection[int]) -> list[TopicMerge]:
    """Merges that hold, came after one, and kept or took away one of these topics."""
    return [
        _topic_merge(row)
        for row in await tx.execute(_LATER, {"entity": "topic", "after_id": after_id, "ids": list(topic_ids)})
    ]


async def note_undone(tx: Transaction, merge_id: int, by: str) -> MergeRecord:
    """Keep that a merge was undone."""
    statement = (
        update(Merge)
        .where(Merge.id == merge_id)
        .values(undone_by=by, undone_at=func.now())
        .returning(*Merge.__table__.columns)
    )
    return _record((await tx.execute(statement)).one())


async def list_merges(tx: Transaction, query: ListMerges) -> list[MergeRecord]:
    """The latest merges, newest first; of one topic or atom those that kept it or took it away."""
    statement = select(*Merge.__table__.columns).order_by(Merge.id.desc()).limit(MOST_MERGES)
    if query.entity is not None:
        statement = statement.where(Merge.entity == query.entity)
    if query.entity_id is not None:
        statement = statement.where(or_(Merge.kept_id == query.entity_id, Merge.merged_id == query.entity_id))
    return [_record(row) for row in await tx.execute(statement)]


def _topic_merge(row: Any) -> TopicMerge:
    return TopicMerge(row.id, row.kept_id, row.merged_id, msgspec.convert(row.moved, MovedTopic))


def _record(row: Any) -> MergeRecord:
    return MergeRecord(**{name: getattr(row, name) for name in MergeRecord.__struct_fields__})
