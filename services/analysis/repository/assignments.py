"""Assignments: which agent does a task config's runs."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, nulls_first, select

from services.analysis.tables import AgentConfig, AgentTaskAssignment, ProjectConfig, TaskConfig
from shared.contracts.errors import not_found
from shared.contracts.projects import AssignmentRecord
from shared.messaging.transaction import Transaction


async def find_assignment(tx: Transaction, assignment_id: UUID) -> AssignmentRecord | None:
    """The assignment with this id."""
    row = (await tx.execute(_select().where(AgentTaskAssignment.id == assignment_id))).first()
    return None if row is None else _record(row)


async def get_assignment(tx: Transaction, assignment_id: UUID) -> AssignmentRecord:
    """The assignment with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_assignment(tx, assignment_id)
    if found is None:
        raise not_found(f"assignment {assignment_id}")
    return found


async def assignment_for(
    tx: Transaction, task_config_id: UUID, project_id: UUID | None
) -> AssignmentRecord | None:
    """The assignment of a task config for just this project; None is for every project."""
    statement = _select().where(
        AgentTaskAssignment.task_config_id == task_config_id,
        AgentTaskAssignment.project_id.is_not_distinct_from(project_id),
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _record(row)


async def all_assignments(tx: Transaction, task_config_id: UUID | None) -> list[AssignmentRecord]:
    """Assignments by task config and project, the one for every project first."""
    statement = _select().order_by(
        func.lower(TaskConfig.name), nulls_first(func.lower(ProjectConfig.name)), AgentTaskAssignment.id
    )
    if task_config_id is not None:
        statement = statement.where(AgentTaskAssignment.task_config_id == task_config_id)
    return [_record(row) for row in await tx.execute(statement)]


async def task_configs_of(tx: Transaction, agent_id: UUID) -> list[str]:
    """The names of the task configs that an agent is assigned to."""
    statement = (
        select(TaskConfig.name)
        .where(TaskConfig.id.in_(_assigned_to(agent_id)))
        .order_by(func.lower(TaskConfig.name))
    )
    return list((await tx.execute(statement)).scalars())


async def insert_assignment(
    tx: Transaction, assignment_id: UUID, task_config_id: UUID, agent_id: UUID, project_id: UUID | None
) -> AssignmentRecord:
    """Keep a new assignment."""
    await tx.execute(
        insert(AgentTaskAssignment).values(
            id=assignment_id, task_config_id=task_config_id, agent_id=agent_id, project_id=project_id
        )
    )
    return await get_assignment(tx, assignment_id)


async def delete_assignment_row(tx: Transaction, assignment_id: UUID) -> None:
    """Delete an assignment."""
    await tx.execute(delete(AgentTaskAssignment).where(AgentTaskAssignment.id == assignment_id))


def _assigned_to(agent_id: UUID) -> Select[Any]:
    return select(AgentTaskAssignment.task_config_id).where(AgentTaskAssignment.agent_id == agent_id)


def _select() -> Select[Any]:
    return (
        select(
            *AgentTaskAssignment.__table__.columns,
            TaskConfig.name.label("task_config_name"),
            AgentConfig.name.label("agent_name"),
            ProjectConfig.name.label("project_name"),
        )
        .join(TaskConfig, TaskConfig.id == AgentTaskAssignment.task_config_id)
        .join(AgentConfig, AgentConfig.id == AgentTaskAssignment.agent_id)
        .outerjoin(ProjectConfig, ProjectConfig.id == AgentTaskAssignment.project_id)
    )


def _record(row: Any) -> AssignmentRecord:
    return AssignmentRecord(**row._mapping)  # noqa: SLF001 - a row as a mapping is SQLAlchemy's public API
