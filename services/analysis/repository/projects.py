"""Projects: their rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, insert, select, update

from services.analysis.tables import AnalysisRun, ProjectConfig
from shared.contracts.errors import not_found
from shared.contracts.projects import ProjectRecord
from shared.messaging.transaction import Transaction


async def find_project(tx: Transaction, project_id: UUID) -> ProjectRecord | None:
    """The project with this id."""
    row = (await tx.execute(_select().where(ProjectConfig.id == project_id))).first()
    return None if row is None else _record(row)


async def get_project(tx: Transaction, project_id: UUID) -> ProjectRecord:
    """The project with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_project(tx, project_id)
    if found is None:
        raise not_found(f"project {project_id}")
    return found


async def projects_after(tx: Transaction, name: str | None, limit: int) -> list[ProjectRecord]:
    """Projects by name; those behind a name, when one is given."""
    statement = _select().order_by(func.lower(ProjectConfig.name)).limit(limit)
    if name is not None:
        statement = statement.where(func.lower(ProjectConfig.name) > func.lower(name))
    return [_record(row) for row in await tx.execute(statement)]


async def project_named(tx: Transaction, name: str, *, other_than: UUID) -> str | None:
    """The name of another project that has this one, in whatever case."""
    statement = select(ProjectConfig.name).where(
        func.lower(ProjectConfig.name) == func.lower(name), ProjectConfig.id != other_than
    )
    return (await tx.execute(statement)).scalar_one_or_none()


async def insert_project(tx: Transaction, project_id: UUID, values: Mapping[str, Any]) -> ProjectRecord:
    """Keep a new project."""
    await tx.execute(insert(ProjectConfig).values(id=project_id, **_columns(values)))
    return await get_project(tx, project_id)


async def change_project(tx: Transaction, project_id: UUID, values: Mapping[str, Any]) -> ProjectRecord:
    """Change columns of a project, which has its next version then."""
    await tx.execute(
        update(ProjectConfig)
        .where(ProjectConfig.id == project_id)
        .values(**_columns(values), version=ProjectConfig.version + 1, updated_at=func.now())
    )
    return await get_project(tx, project_id)


async def count_runs(tx: Transaction, project_id: UUID) -> int:
    """How many runs a project has; none is begun for it before the transaction ends."""
    await tx.execute(select(ProjectConfig.id).where(ProjectConfig.id == project_id).with_for_update())
    runs = select(func.count()).select_from(AnalysisRun).where(AnalysisRun.project_id == project_id)
    found: int = (await tx.execute(runs)).scalar_one()
    return found


async def delete_project_row(tx: Transaction, project_id: UUID) -> None:
    """Delete a project that has no runs, and the assignments for it."""
    await tx.execute(delete(ProjectConfig).where(ProjectConfig.id == project_id))


def _select() -> Select[Any]:
    return select(*ProjectConfig.__table__.columns)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a project as its columns hold them."""
    return {name: msgspec.to_builtins(value) for name, value in values.items()}


def _record(row: Any) -> ProjectRecord:
    return msgspec.convert(dict(row._mapping), ProjectRecord)  # noqa: SLF001 - SQLAlchemy's public API
