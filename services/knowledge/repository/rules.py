"""Automation rules, and how many of their approvals stand."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.knowledge.tables import AutomationRule
from shared.contracts.errors import QueryError, not_found
from shared.contracts.revisions import CreateRule, RuleRecord
from shared.database.columns import columns_of
from shared.messaging.transaction import Transaction

_SELECT = f"""
    SELECT {columns_of(AutomationRule, "rule")},
        (SELECT count(*) FROM knowledge.topics WHERE rule_id = rule.id)
        + (SELECT count(*) FROM knowledge.atoms WHERE rule_id = rule.id)
        + (SELECT count(*) FROM knowledge.topic_versions WHERE rule_id = rule.id)
        + (SELECT count(*) FROM knowledge.atom_versions WHERE rule_id = rule.id) AS approved
    FROM knowledge.automation_rules rule
"""  # noqa: S608 - the names are our own
_ALL = text(_SELECT + " ORDER BY lower(name), id")
_ONE = text(_SELECT + " WHERE id = :id")


async def rules_that_decide(tx: Transaction) -> list[RuleRecord]:
    """The enabled rules, for `services.knowledge.rules.decide`; their approvals are not counted."""
    rows = await tx.execute(select(*AutomationRule.__table__.columns).where(AutomationRule.enabled))
    return [_record(row, approved=0) for row in rows]


async def list_rules(tx: Transaction) -> list[RuleRecord]:
    """All rules, by name."""
    return [_record(row, approved=row.approved) for row in await tx.execute(_ALL)]


async def count_rules(tx: Transaction) -> int:
    """How many rules there are, disabled ones included."""
    return int((await tx.execute(select(func.count()).select_from(AutomationRule))).scalar_one())


async def rule_record(tx: Transaction, rule_id: UUID) -> RuleRecord:
    """One rule.

    Raises:
        QueryError: `not_found`.
    """
    row = (await tx.execute(_ONE, {"id": rule_id})).one_or_none()
    if row is None:
        raise not_found(f"automation rule {rule_id}")
    return _record(row, approved=row.approved)


async def lock_rule(tx: Transaction, rule_id: UUID) -> RuleRecord | None:
    """Lock a rule against changes; its approvals are not counted. None when there is none."""
    statement = (
        select(*AutomationRule.__table__.columns).where(AutomationRule.id == rule_id).with_for_update()
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _record(row, approved=0)


async def insert_rule(tx: Transaction, rule: CreateRule) -> bool:
    """Keep a rule; returns whether it is new.

    Raises:
        QueryError: `conflict`, when another rule has the name.
    """
    statement = (
        insert(AutomationRule)
        .values(
            id=rule.rule_id,
            name=rule.name,
            enabled=rule.enabled,
            applies_to=rule.applies_to,
            min_confidence=rule.min_confidence,
            min_similarity=rule.min_similarity,
            atom_types=rule.atom_types,
            created_by=rule.by,
            created_at=func.now(),
        )
        .on_conflict_do_nothing()
        .returning(AutomationRule.id)
    )
    if (await tx.execute(statement)).first() is not None:
        return True
    if await lock_rule(tx, rule.rule_id) is None:
        raise _name_is_taken(rule.name)
    return False


async def change_rule(tx: Transaction, rule_id: UUID, **values: Any) -> None:
    """Change columns of a rule.

    Raises:
        QueryError: `conflict`, when another rule has the name.
    """
    try:
        async with tx.connection.begin_nested():
            await tx.execute(update(AutomationRule).where(AutomationRule.id == rule_id).values(**values))
    except IntegrityError as error:
        raise _name_is_taken(values["name"]) from error


async def delete_rule(tx: Transaction, rule_id: UUID) -> str | None:
    """Delete a rule; returns its name, None when there is none."""
    statement = delete(AutomationRule).where(AutomationRule.id == rule_id).returning(AutomationRule.name)
    name: str | None = (await tx.execute(statement)).scalar()
    return name


def _name_is_taken(name: str) -> QueryError:
    return QueryError("conflict", f"Another automation rule has the name “{name}” already.", field="name")


def _record(row: Row[Any], *, approved: int) -> RuleRecord:
    return RuleRecord(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        applies_to=row.applies_to,
        min_confidence=row.min_confidence,
        min_similarity=row.min_similarity,
        atom_types=row.atom_types,
        approved=approved,
        created_by=row.created_by,
        created_at=row.created_at,
    )
