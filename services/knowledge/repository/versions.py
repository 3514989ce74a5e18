"""Versions of topics and atoms: kept, found, decided."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, Text, bindparam, func, literal, select, text, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.knowledge.tables import Atom, AtomVersion, Topic, TopicVersion
from shared.contracts.errors import not_found
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import FieldChange, ListVersions, RuleRecord, VersionRecord, VersionStatus
from shared.messaging.transaction import Transaction

_COMMON = (
    "id",
    "number",
    "status",
    "changes",
    "reason",
    "confidence",
    "similarity",
    "run_id",
    "created_by",
    "created_at",
    "reviewed_by",
    "reviewed_at",
    "rule_id",
)
_TABLES: Mapping[EntityKind, tuple[Any, Any, Any]] = {
    "topic": (TopicVersion, TopicVersion.topic_id, Topic),
    "atom": (AtomVersion, AtomVersion.atom_id, Atom),
}
_WAITING = """
    SELECT version.id, version.{entity}_id AS entity_id
    FROM knowledge.{entity}_versions version
        JOIN knowledge.{entity}s entity ON entity.id = version.{entity}_id
    WHERE version.status = 'draft' AND version.id > :after_id AND entity.merged_into IS NULL
        AND version.confidence >= :confidence AND coalesce(version.similarity, 0) >= :similarity
        {of_type}
    ORDER BY version.id LIMIT :most
"""
_WAITING_FOR: Mapping[str, Any] = {
    "topic_version": text(_WAITING.format(entity="topic", of_type="")),
    "atom_version": text(
        _WAITING.format(entity="atom", of_type="AND (:types = '{}' OR entity.type = ANY(:types))")
    ).bindparams(bindparam("types", type_=ARRAY(Text))),
}


async def add_version(  # noqa: PLR0913 - a row has as many columns
    tx: Transaction,
    entity: EntityKind,
    entity_id: int,
    changes: Sequence[FieldChange],
    *,
    status: VersionStatus = "draft",
    reason: str = "",
    confidence: float | None = None,
    similarity: float | None = None,
    run_id: UUID | None = None,
    created_by: str | None = None,
    rule_id: UUID | None = None,
) -> VersionRecord:
    """Keep a version under the entity's next number; the caller has locked the entity's row.

    One that is no draft counts as decided now: by `rule_id`, or else by `created_by`.
    """
    table, owner, of = _TABLES[entity]
    highest = select(func.max(table.number)).where(owner == entity_id).scalar_subquery()
    present = select(of.version).where(of.id == entity_id).scalar_subquery()
    is_decided = status != "draft"
    statement = (
        insert(table)
        .values(
            {
                owner.key: entity_id,
                "number": func.greatest(highest, present) + 1,
                "status": status,
                "changes": [msgspec.to_builtins(change) for change in changes],
                "reason": reason,
                "confidence": confidence,
                "similarity": similarity,
                "run_id": run_id,
                "created_by": created_by,
                "created_at": func.now(),
                "reviewed_by": created_by if is_decided and rule_id is None else None,
                "reviewed_at": func.now() if is_decided else None,
                "rule_id": rule_id,
            }
        )
        .returning(*_columns(entity))
    )
    return _record((await tx.execute(statement)).one())


async def version_record(tx: Transaction, version_id: int) -> VersionRecord:
    """One version.

    Raises:
        QueryError: `not_found`.
    """
    found = await version_records(tx, [version_id])
    if not found:
        raise not_found(f"version {version_id}")
    return found[0]


async def version_records(tx: Transaction, version_ids: Sequence[int]) -> list[VersionRecord]:
    """Versions by id, in id order; unknown ids are left out."""
    parts = (
        select(*_columns(kind)).where(table.id.in_(version_ids)) for kind, (table, _, _) in _TABLES.items()
    )
    both = union_all(*parts).subquery()
    return [_record(row) for row in await tx.execute(select(both).order_by(both.c.id))]


async def decide_version(
    tx: Transaction,
    version: VersionRecord,
    status: VersionStatus,
    *,
    by: str | None,
    rule_id: UUID | None = None,
) -> VersionRecord:
    """Keep the decision about a draft, whose entity's row the caller has locked."""
    table, _, _ = _TABLES[version.entity]
    statement = (
        update(table)
        .where(table.id == version.id)
        .values(status=status, reviewed_by=by, reviewed_at=func.now(), rule_id=rule_id)
        .returning(*_columns(version.entity))
    )
    return _record((await tx.execute(statement)).one())


async def list_versions(tx: Transaction, query: ListVersions, before_id: int | None) -> list[VersionRecord]:
    """Versions, newest first; one more than the limit when more follow."""
    kinds = [query.entity] if query.entity is not None else list(_TABLES)
    parts = [_part(kind, query, before_id).subquery() for kind in kinds]
    both = union_all(*(select(part) for part in parts)).subquery()
    rows = await tx.execute(select(both).order_by(both.c.id.desc()).limit(query.limit + 1))
    return [_record(row) for row in rows]


async def waiting_drafts(
    tx: Transaction, rule: RuleRecord, *, after_id: int, most: int
) -> list[tuple[int, int]]:
    """The next drafts that a rule approves: their ids, and of the topics or atoms that they change."""
    given: dict[str, Any] = {
        "after_id": after_id,
        "most": most,
        "confidence": rule.min_confidence,
        "similarity": rule.min_similarity,
    }
    if rule.applies_to == "atom_version":
        given["types"] = rule.atom_types
    rows = await tx.execute(_WAITING_FOR[rule.applies_to], given)
    return [(row.id, row.entity_id) for row in rows]


def _part(entity: EntityKind, query: ListVersions, before_id: int | None) -> Select[Any]:
    table, owner, _ = _TABLES[entity]
    statement = select(*_columns(entity)).order_by(table.id.desc()).limit(query.limit + 1)
    if query.entity_id is not None:
        statement = statement.where(owner == query.entity_id)
    if query.status is not None:
        statement = statement.where(table.status == query.status)
    if before_id is not None:
        statement = statement.where(table.id < before_id)
    return statement


def _columns(entity: EntityKind) -> list[Any]:
    table, owner, _ = _TABLES[entity]
    return [
        literal(entity, Text).label("entity"),
        owner.label("entity_id"),
        *(getattr(table, name) for name in _COMMON),
    ]


def _record(row: Any) -> VersionRecord:
    given = {name: getattr(row, name) for name in VersionRecord.__struct_fields__}
    return VersionRecord(**given | {"changes": msgspec.convert(row.changes, list[FieldChange])})
