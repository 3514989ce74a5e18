"""The log of what people and automation rules changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.knowledge.tables import Change as ChangeRow
from shared.contracts.knowledge import Change
from shared.contracts.revisions import ChangeRecord, ListChanges
from shared.messaging.transaction import Transaction


async def add_changes(  # noqa: PLR0913 - a row has as many columns
    tx: Transaction,
    entity: str,
    entity_ids: Sequence[int | None],
    change: Change,
    *,
    by: str | None,
    rule_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep the same change of several topics or atoms, or, with the id None, of a rule."""
    rows = [
        {
            "entity": entity,
            "entity_id": entity_id,
            "change": change,
            "changed_by": by,
            "rule_id": rule_id,
            "details": dict(details or {}),
        }
        for entity_id in entity_ids
    ]
    if rows:
        await tx.execute(insert(ChangeRow), rows)


async def list_changes(tx: Transaction, query: ListChanges, before_id: int | None) -> list[ChangeRecord]:
    """Changes, newest first; one more than the limit when more follow."""
    statement = select(*ChangeRow.__table__.columns).order_by(ChangeRow.id.desc()).limit(query.limit + 1)
    if query.entity is not None:
        statement = statement.where(ChangeRow.entity == query.entity)
    if query.entity_id is not None:
        statement = statement.where(ChangeRow.entity_id == query.entity_id)
    if before_id is not None:
        statement = statement.where(ChangeRow.id < before_id)
    return [
        ChangeRecord(
            id=row.id,
            entity=row.entity,
            entity_id=row.entity_id,
            change=row.change,
            by=row.changed_by,
            rule_id=row.rule_id,
            details=row.details,
            at=row.changed_at,
        )
        for row in await tx.execute(statement)
    ]
