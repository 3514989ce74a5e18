"""Task configs: their rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from services.analysis.tables import TaskConfig
from shared.contracts.errors import not_found
from shared.contracts.projects import TaskConfigRecord
from shared.messaging.transaction import Transaction


async def find_task_config(tx: Transaction, task_config_id: UUID) -> TaskConfigRecord | None:
    """The task config with this id."""
    row = (await tx.execute(_select().where(TaskConfig.id == task_config_id))).first()
    return None if row is None else _record(row)


async def get_task_config(tx: Transaction, task_config_id: UUID) -> TaskConfigRecord:
    """The task config with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_task_config(tx, task_config_id)
    if found is None:
        raise not_found(f"task config {task_config_id}")
    return found


async def task_configs_after(tx: Transaction, name: str | None, limit: int) -> list[TaskConfigRecord]:
    """Task configs by name; those behind a name, when one is given."""
    statement = _select().order_by(func.lower(TaskConfig.name)).limit(limit)
    if name is not None:
        statement = statement.where(func.lower(TaskConfig.name) > func.lower(name))
    return [_record(row) for row in await tx.execute(statement)]


async def task_config_named(tx: Transaction, name: str, *, other_than: UUID) -> str | None:
    """The name of another task config that has this one, in whatever case."""
    statement = select(TaskConfig.name).where(
        func.lower(TaskConfig.name) == func.lower(name), TaskConfig.id != other_than
    )
    return (await tx.execute(statement)).scalar_one_or_none()


async def insert_task_config(
    tx: Transaction, task_config_id: UUID, values: Mapping[str, Any]
) -> TaskConfigRecord:
    """Keep a new task config."""
    await tx.execute(insert(TaskConfig).values(id=task_config_id, **values))
    return await get_task_config(tx, task_config_id)


async def change_task_config(
    tx: Transaction, task_config_id: UUID, values: Mapping[str, Any]
) -> TaskConfigRecord:
    """Change columns of a task config."""
    await tx.execute(
        update(TaskConfig).where(TaskConfig.id == task_config_id).values(**values, updated_at=func.now())
    )
    return await get_task_config(tx, task_config_id)


async def delete_task_config_row(tx: Transaction, task_config_id: UUID) -> None:
    """Delete a task config, and its assignments."""
    await tx.execute(delete(TaskConfig).where(TaskConfig.id == task_config_id))


def _select() -> Select[Any]:
    return select(*TaskConfig.__table__.columns)


def _record(row: Any) -> TaskConfigRecord:
    return TaskConfigRecord(**row._mapping)  # noqa: SLF001 - a row as a mapping is SQLAlchemy's public API
