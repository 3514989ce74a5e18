"""Task configs and assignments as persons make, change and delete them."""

import asyncio
from typing import Any
from uuid import uuid4

from services.analysis import project_queries, queries
from services.analysis.tables import LOCAL_EXTRACTOR, LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.analysis import DeleteAgent
from shared.contracts.errors import QueryError
from shared.contracts.projects import (
    AssignmentRecord,
    DeleteAssignment,
    DeleteProject,
    DeleteTaskConfig,
    GetTaskConfig,
    ListAssignments,
    ListTaskConfigs,
    TaskConfigRecord,
    UpdateTaskConfig,
)
from tests.integration.analysis.configuring import DUE, a_project, a_task_config, an_assignment
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import an_agent, refusal, rows


async def updated(config: TaskConfigRecord, **given: Any) -> TaskConfigRecord:
    """The task config after a person changed it."""
    return await project_queries.update_task_config(UpdateTaskConfig(task_config_id=config.id, **given))


async def assigned(config: TaskConfigRecord | None = None) -> list[AssignmentRecord]:
    """Assignments: all, or those of a task config."""
    return await project_queries.list_assignments(
        ListAssignments(task_config_id=None if config is None else config.id)
    )


def test_task_config_is_made_once_for_one_id_and_changed_in_part(run: Run) -> None:
    async def scenario() -> None:
        config_id = uuid4()
        made = await a_task_config(
            " Задачі ", task_config_id=config_id, instructions="Коротко.\n", details_schema=DUE
        )
        assert (made.name, made.instructions, made.details_schema) == ("Задачі", "Коротко.", DUE)
        assert await a_task_config("Інші", task_config_id=config_id) == made
        assert await project_queries.find_task_config(GetTaskConfig(task_config_id=config_id)) == made
        changed = await updated(made, description="Для команди каси", changed_by="Олена")
        assert (changed.description, changed.details_schema) == ("Для команди каси", DUE)
        assert await updated(made, description="Для команди каси", details_schema=DUE) == changed
        without = await updated(made, details_schema=None)
        assert without.details_schema is None
        assert await rows("SELECT details_schema IS NULL FROM task_configs") == [(True,)]
        noted = "SELECT action, fields, changed_by FROM configuration_changes ORDER BY id"
        assert await rows(noted) == [
            ("created", [], None),
            ("changed", ["description"], "Олена"),
            ("changed", ["details_schema"], None),
        ]

    run(scenario)


def test_schema_that_is_none_is_refused_with_the_place_and_nothing_is_kept(run: Run) -> None:
    wrong = {"type": "object", "properties": {"due": {"type": "text"}}}

    async def scenario() -> None:
        made = await a_task_config(details_schema=DUE)
        for refused in (a_task_config("Інші", details_schema=wrong), updated(made, details_schema=wrong)):
            code, field, words = await refusal(refused)
            assert (code, field) == ("invalid", "details_schema.properties.due.type")
            assert "'text' is not one of" in words
        assert await rows("SELECT name, details_schema FROM task_configs") == [("Задачі", DUE)]

    run(scenario)


def test_name_of_a_task_config_is_taken_in_whatever_case(run: Run) -> None:
    async def scenario() -> None:
        made = await asyncio.gather(
            *(a_task_config(name) for name in ("Задачі", "ЗАДАЧІ", "задачі ")), return_exceptions=True
        )
        refused = [each for each in made if isinstance(each, QueryError)]
        assert [(each.code, each.body.field) for each in refused] == [("conflict", "name")] * 2
        other = await a_task_config("Помилки")
        assert (await refusal(updated(other, name="задачі")))[:2] == ("conflict", "name")
        assert (await refusal(updated(other, name="\x00")))[:2] == ("invalid", "name")

    run(scenario)


def test_task_configs_are_listed_by_name_page_by_page(run: Run) -> None:
    async def scenario() -> None:
        for name in ("в", "А", "б"):
            await a_task_config(name)
        first = await project_queries.page_of_task_configs(ListTaskConfigs(limit=2))
        assert [each.name for each in first.items] == ["А", "б"]
        rest = await project_queries.page_of_task_configs(ListTaskConfigs(limit=2, cursor=first.next_cursor))
        assert ([each.name for each in rest.items], rest.next_cursor) == (["в"], None)

    run(scenario)


def test_deleted_task_config_takes_its_assignments_with_it(run: Run) -> None:
    async def scenario() -> None:
        made = await a_task_config()
        await an_assignment(made)
        for _ in range(2):
            await project_queries.delete_task_config(DeleteTaskConfig(task_config_id=made.id))
        assert await assigned() == []
        missing = project_queries.find_task_config(GetTaskConfig(task_config_id=made.id))
        assert (await refusal(missing))[0] == "not_found"

    run(scenario)


def test_agent_is_assigned_for_all_projects_and_another_one_for_one(run: Run) -> None:
    async def scenario() -> None:
        config, project = await a_task_config(), await a_project()
        other = await an_agent(LOCAL_PROVIDER, "Другий", kind="task_proposer")
        for_one = await an_assignment(config, agent_id=other.id, project_id=project.id)
        for_all = await an_assignment(config, changed_by="Олена")
        assert (for_all.task_config_name, for_all.agent_name, for_all.project_name) == (
            "Задачі",
            "Task proposer",
            None,
        )
        assert (for_one.agent_name, for_one.project_name) == ("Другий", "Каса")
        assert await assigned() == [for_all, for_one]
        assert await assigned(await a_task_config("Інші")) == []
        noted = "SELECT name, changed_by FROM configuration_changes WHERE entity = 'assignment' ORDER BY id"
        assert await rows(noted) == [("Задачі: Другий", None), ("Задачі: Task proposer", "Олена")]

    run(scenario)


def test_assignment_takes_the_place_of_the_one_for_the_same_project(run: Run) -> None:
    async def scenario() -> None:
        config, project = await a_task_config(), await a_project()
        other = await an_agent(LOCAL_PROVIDER, "Другий", kind="task_proposer")
        for where in (None, project.id):
            first = await an_assignment(config, project_id=where)
            again = await an_assignment(config, project_id=where, assignment_id=first.id, agent_id=other.id)
            assert again == first
            second = await an_assignment(config, project_id=where, agent_id=other.id)
            assert [each.agent_id for each in await assigned(config) if each.project_id == where] == [
                other.id
            ]
            assert second.id != first.id
        at_once = await asyncio.gather(*(an_assignment(config, project_id=project.id) for _ in range(5)))
        kept = [each for each in await assigned(config) if each.project_id == project.id]
        assert [each for each in at_once if each in kept] == kept
        assert len(kept) == 1

    run(scenario)


def test_what_an_assignment_names_has_to_be_there_and_fit(run: Run) -> None:
    async def scenario() -> None:
        config = await a_task_config()
        gone = await a_task_config("Інші")
        await project_queries.delete_task_config(DeleteTaskConfig(task_config_id=gone.id))
        for wrong, field, words in (
            (an_assignment(gone), "task_config_id", "There is no task config"),
            (an_assignment(config, agent_id=uuid4()), "agent_id", "There is no agent"),
            (
                an_assignment(config, agent_id=LOCAL_EXTRACTOR),
                "agent_id",
                "is a knowledge_extractor; runs are",
            ),
            (an_assignment(config, project_id=uuid4()), "project_id", "There is no project"),
        ):
            code, at, message = await refusal(wrong)
            assert (code, at) == ("invalid", field)
            assert words in message
        assert await assigned() == []

    run(scenario)


def test_assignment_is_taken_away_twice_without_harm_and_with_its_project(run: Run) -> None:
    async def scenario() -> None:
        config, project = await a_task_config(), await a_project()
        made = await an_assignment(config)
        for _ in range(2):
            await project_queries.delete_assignment(DeleteAssignment(assignment_id=made.id))
        await an_assignment(config, project_id=project.id)
        await project_queries.delete_project(DeleteProject(project_id=project.id))
        assert await assigned() == []
        noted = "SELECT action FROM configuration_changes WHERE entity = 'assignment' ORDER BY id"
        assert await rows(noted) == [("created",), ("deleted",), ("created",)]

    run(scenario)


def test_assigned_agent_stays_until_another_one_is_assigned(run: Run) -> None:
    async def scenario() -> None:
        other = await an_agent(LOCAL_PROVIDER, "Другий", kind="task_proposer")
        config, project = await a_task_config(), await a_project()
        for where in (None, project.id):
            await an_assignment(config, agent_id=other.id, project_id=where)
        code, _, words = await refusal(queries.delete_agent(DeleteAgent(agent_id=other.id)))
        assert (code, words) == (
            "conflict",
            "'Другий' does the runs of 'Задачі': assign another agent first.",
        )
        for where in (None, project.id):
            await an_assignment(config, agent_id=LOCAL_PROPOSER, project_id=where)
        await queries.delete_agent(DeleteAgent(agent_id=other.id))
        assert {each.agent_id for each in await assigned()} == {LOCAL_PROPOSER}

    run(scenario)
