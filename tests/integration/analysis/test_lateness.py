"""Changes made on what is not there any more: refused, whoever was first."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from services.analysis import project_queries, queries
from services.analysis.tables import LOCAL_PROVIDER
from shared.contracts.analysis import DeleteAgent, DeleteProvider, UpdateAgent, UpdateProvider
from shared.contracts.errors import QueryError
from shared.contracts.projects import DeleteProject, DeleteTaskConfig, UpdateProject, UpdateTaskConfig
from tests.integration.analysis.configuring import a_project, a_task_config
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import a_provider, an_agent, refusal


async def is_late(asked: Awaitable[Any], field: str = "updated_at") -> None:
    """Assert that somebody is told that something was changed meanwhile."""
    code, at, words = await refusal(asked)
    assert (code, at) == ("conflict", field)
    assert "changed meanwhile" in words


def test_what_was_changed_since_it_was_seen_is_not_changed_or_deleted(run: Run) -> None:
    async def scenario() -> None:
        agent, provider, config = await an_agent(LOCAL_PROVIDER), await a_provider(), await a_task_config()
        seen: dict[str, Any] = {"unchanged_since": agent.updated_at}
        assert (await queries.update_agent(UpdateAgent(agent_id=agent.id, name="B", **seen))).name == "B"
        await is_late(queries.update_agent(UpdateAgent(agent_id=agent.id, name="C", **seen)))
        await is_late(queries.delete_agent(DeleteAgent(agent_id=agent.id, **seen)))

        seen = {"unchanged_since": provider.updated_at}
        await queries.update_provider(UpdateProvider(provider_id=provider.id, name="B", **seen))
        await is_late(queries.update_provider(UpdateProvider(provider_id=provider.id, name="C", **seen)))
        await is_late(queries.delete_provider(DeleteProvider(provider_id=provider.id, **seen)))

        seen = {"unchanged_since": config.updated_at}
        change = UpdateTaskConfig(task_config_id=config.id, name="B", **seen)
        changed = await project_queries.update_task_config(change)
        await is_late(project_queries.update_task_config(change))
        await is_late(project_queries.delete_task_config(DeleteTaskConfig(task_config_id=config.id, **seen)))
        now = DeleteTaskConfig(task_config_id=config.id, unchanged_since=changed.updated_at)
        await project_queries.delete_task_config(now)
        await project_queries.delete_task_config(now)

    run(scenario)


def test_project_is_deleted_in_the_version_that_was_seen(run: Run) -> None:
    async def scenario() -> None:
        project = await a_project()
        await project_queries.update_project(UpdateProject(project_id=project.id, min_length=5))
        await is_late(
            project_queries.delete_project(DeleteProject(project_id=project.id, version=1)), "version"
        )
        await project_queries.delete_project(DeleteProject(project_id=project.id, version=2))

    run(scenario)


def test_of_changes_made_at_once_on_one_state_one_holds(run: Run) -> None:
    async def scenario() -> None:
        config = await a_task_config()
        changes = [
            UpdateTaskConfig(task_config_id=config.id, name=name, unchanged_since=config.updated_at)
            for name in "ABCDE"
        ]
        results = await asyncio.gather(
            *map(project_queries.update_task_config, changes), return_exceptions=True
        )
        assert sum(isinstance(result, QueryError) for result in results) == 4

    run(scenario)
