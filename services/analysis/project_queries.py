"""What analysis answers about projects, task configs and assignments."""

import msgspec

from services.analysis import assignments, projects, task_configs
from services.analysis.repository.assignments import all_assignments, get_assignment
from services.analysis.repository.projects import get_project, projects_after
from services.analysis.repository.task_configs import get_task_config, task_configs_after
from shared.contracts.projects import (
    AssignAgent,
    AssignmentRecord,
    CreateProject,
    CreateTaskConfig,
    DeleteAssignment,
    DeleteProject,
    DeleteTaskConfig,
    GetAssignment,
    GetProject,
    GetTaskConfig,
    ListAssignments,
    ListProjects,
    ListTaskConfigs,
    ProjectPage,
    ProjectRecord,
    TaskConfigPage,
    TaskConfigRecord,
    UpdateProject,
    UpdateTaskConfig,
)
from shared.database.cursors import read_cursor, write_cursor
from shared.database.pages import cut
from shared.messaging.transaction import transaction


class ByName(msgspec.Struct, frozen=True, array_like=True):
    """The key of a list by name; names are unique whatever their case."""

    name: str


async def create_project(query: CreateProject) -> ProjectRecord:
    """Make a project."""
    return await projects.create(query)


async def update_project(query: UpdateProject) -> ProjectRecord:
    """Change what is given."""
    return await projects.update(query)


async def delete_project(query: DeleteProject) -> None:
    """Delete a project that has no runs."""
    await projects.delete(query)


async def find_project(query: GetProject) -> ProjectRecord:
    """One project."""
    async with transaction() as tx:
        return await get_project(tx, query.project_id)


async def page_of_projects(query: ListProjects) -> ProjectPage:
    """Projects, by name."""
    after = read_cursor(query.cursor, ByName)
    async with transaction() as tx:
        found = await projects_after(tx, after.name if after else None, query.limit + 1)
    page, more = cut(found, query.limit)
    return ProjectPage(items=page, next_cursor=write_cursor(ByName(page[-1].name)) if more else None)


async def create_task_config(query: CreateTaskConfig) -> TaskConfigRecord:
    """Make a task config."""
    return await task_configs.create(query)


async def update_task_config(query: UpdateTaskConfig) -> TaskConfigRecord:
    """Change what is given."""
    return await task_configs.update(query)


async def delete_task_config(query: DeleteTaskConfig) -> None:
    """Delete a task config with its assignments."""
    await task_configs.delete(query)


async def find_task_config(query: GetTaskConfig) -> TaskConfigRecord:
    """One task config."""
    async with transaction() as tx:
        return await get_task_config(tx, query.task_config_id)


async def page_of_task_configs(query: ListTaskConfigs) -> TaskConfigPage:
    """Task configs, by name."""
    after = read_cursor(query.cursor, ByName)
    async with transaction() as tx:
        found = await task_configs_after(tx, after.name if after else None, query.limit + 1)
    page, more = cut(found, query.limit)
    return TaskConfigPage(items=page, next_cursor=write_cursor(ByName(page[-1].name)) if more else None)


async def assign_agent(query: AssignAgent) -> AssignmentRecord:
    """Have an agent do a task config's runs."""
    return await assignments.assign(query)


async def delete_assignment(query: DeleteAssignment) -> None:
    """Take an assignment away."""
    await assignments.delete(query)


async def find_assignment(query: GetAssignment) -> AssignmentRecord:
    """One assignment."""
    async with transaction() as tx:
        return await get_assignment(tx, query.assignment_id)


async def list_assignments(query: ListAssignments) -> list[AssignmentRecord]:
    """All assignments, or those of one task config."""
    async with transaction() as tx:
        return await all_assignments(tx, query.task_config_id)
