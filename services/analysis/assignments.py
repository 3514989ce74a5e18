"""Assigning agents to task configs: one for all projects, and for each project one of its own."""

from typing import Literal

from services.analysis.repository.agents import find_agent
from services.analysis.repository.assignments import (
    assignment_for,
    delete_assignment_row,
    find_assignment,
    insert_assignment,
)
from services.analysis.repository.configuration import lock_configuration, note_change
from services.analysis.repository.projects import find_project
from services.analysis.repository.task_configs import find_task_config
from shared.contracts.errors import QueryError
from shared.contracts.projects import AssignAgent, AssignmentRecord, DeleteAssignment
from shared.messaging.transaction import Transaction, transaction


async def assign(query: AssignAgent) -> AssignmentRecord:
    """Have an agent do a task config's runs, in place of the one that did. Twice is as once.

    Raises:
        QueryError: `invalid`, with the field that names nothing, or not what is needed.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        known = await find_assignment(tx, query.assignment_id)
        if known is not None:
            return known
        await _check(tx, query)
        former = await assignment_for(tx, query.task_config_id, query.project_id)
        if former is not None:
            await _delete(tx, former, query.changed_by)
        made = await insert_assignment(
            tx, query.assignment_id, query.task_config_id, query.agent_id, query.project_id
        )
        await _note(tx, made, "created", query.changed_by)
        return made


async def delete(query: DeleteAssignment) -> None:
    """Take an assignment away; one that is gone already stays gone."""
    async with transaction() as tx:
        await lock_configuration(tx)
        assignment = await find_assignment(tx, query.assignment_id)
        if assignment is not None:
            await _delete(tx, assignment, query.changed_by)


async def _check(tx: Transaction, query: AssignAgent) -> None:
    if await find_task_config(tx, query.task_config_id) is None:
        raise _invalid("task_config_id", f"There is no task config {query.task_config_id}.")
    agent = await find_agent(tx, query.agent_id)
    if agent is None:
        raise _invalid("agent_id", f"There is no agent {query.agent_id}.")
    if agent.kind != "task_proposer":
        raise _invalid("agent_id", f"{agent.name!r} is a {agent.kind}; runs are done by a task_proposer.")
    if query.project_id is not None and await find_project(tx, query.project_id) is None:
        raise _invalid("project_id", f"There is no project {query.project_id}.")


async def _delete(tx: Transaction, assignment: AssignmentRecord, changed_by: str | None) -> None:
    await delete_assignment_row(tx, assignment.id)
    await _note(tx, assignment, "deleted", changed_by)


async def _note(
    tx: Transaction, assignment: AssignmentRecord, action: Literal["created", "deleted"], by: str | None
) -> None:
    name = f"{assignment.task_config_name}: {assignment.agent_name}"
    await note_change(tx, "assignment", assignment.id, name, action=action, changed_by=by)


def _invalid(field: str, message: str) -> QueryError:
    return QueryError("invalid", message, field=field)
