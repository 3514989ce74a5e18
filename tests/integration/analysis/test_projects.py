"""Projects as persons make, change and delete them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.analysis import project_queries
from services.analysis.project_settling import LARGEST_PROJECT
from shared.contracts.errors import QueryError
from shared.contracts.projects import (
    Component,
    DeleteProject,
    GetProject,
    ListProjects,
    PriorityRule,
    ProjectRecord,
    UpdateProject,
)
from tests.integration.analysis.configuring import a_project, ingestion
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import refusal, rows


async def updated(project: ProjectRecord, **given: Any) -> ProjectRecord:
    """The project after a person changed it."""
    return await project_queries.update_project(UpdateProject(project_id=project.id, **given))


async def a_run(project_id: UUID) -> None:
    """A closed run of a project."""
    await rows(
        """
        INSERT INTO analysis_runs (id, project_id, status, since, until, use_rag, config_snapshot, created_by)
        VALUES (gen_random_uuid(), :project, 'closed', now(), now() + interval '1 day', true, '{}', 'Олена')
        RETURNING id
        """,
        project=project_id,
    )


def test_project_is_kept_as_it_was_given_but_for_blanks_and_doubles(run: Run) -> None:
    async def scenario() -> None:
        async with ingestion():
            made = await a_project(
                "  Каса ",
                description="Програма каси\n",
                language="en",
                chat_ids=[1, 7, 1],
                keywords=[" каса", "Каса", "чек "],
                mentions=["@olena", "Olena", "taras_k"],
                min_length=12,
                glossary={" ПРРО ": " програмний реєстратор "},
                components=[Component(name="Чеки ", keywords=["чек", "Чек"]), Component(name="Зміни")],
                priority_rules=[PriorityRule(keywords=["стоїть ", "СТОЇТЬ"], priority="critical")],
            )
        assert made == await project_queries.find_project(GetProject(project_id=made.id))
        assert (made.name, made.description, made.language, made.version) == (
            "Каса",
            "Програма каси",
            "en",
            1,
        )
        assert (made.chat_ids, made.keywords, made.mentions) == (
            [1, 7],
            ["каса", "чек"],
            ["olena", "taras_k"],
        )
        assert (made.min_length, made.glossary) == (12, {"ПРРО": "програмний реєстратор"})
        assert made.components == [Component(name="Чеки", keywords=["чек"]), Component(name="Зміни")]
        assert made.priority_rules == [PriorityRule(keywords=["стоїть"], priority="critical")]

    run(scenario)


def test_asking_twice_with_one_id_makes_one_project(run: Run) -> None:
    async def scenario() -> None:
        project_id = uuid4()
        async with ingestion():
            first = await a_project(project_id=project_id, chat_ids=[7])
        assert await a_project("Інша", project_id=project_id, chat_ids=[7]) == first
        assert await rows("SELECT count(*) FROM project_configs") == [(1,)]
        assert await rows("SELECT entity, action FROM configuration_changes") == [("project", "created")]

    run(scenario)


def test_one_of_many_made_at_once_with_one_name_is_kept(run: Run) -> None:
    async def scenario() -> None:
        made = await asyncio.gather(
            *(a_project(name) for name in ("Каса", "каса", "КАСА", " Каса")), return_exceptions=True
        )
        refused = [each for each in made if isinstance(each, QueryError)]
        assert [(each.code, each.body.field) for each in refused] == [("conflict", "name")] * 3
        assert await rows("SELECT count(*) FROM project_configs") == [(1,)]

    run(scenario)


def test_one_id_used_many_times_at_once_makes_one_project(run: Run) -> None:
    async def scenario() -> None:
        project_id = uuid4()
        made = await asyncio.gather(*(a_project(project_id=project_id) for _ in range(4)))
        assert all(each == made[0] for each in made)

    run(scenario)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": " "}, "name", "one line"),
        ({"name": "Каса\nдва"}, "name", "one line"),
        ({"keywords": ["чек", "каса", "  "]}, "keywords[2]", "one line"),
        ({"keywords": ["a\tb"]}, "keywords[0]", "one line"),
        ({"mentions": ["olena", "@"]}, "mentions[1]", "no username"),
        ({"mentions": ["олена"]}, "mentions[0]", "no username"),
        ({"glossary": {" ": "порожньо"}}, "glossary.", "one line"),
        ({"glossary": {"чек": "одне", " ЧЕК": "інше"}}, "glossary.ЧЕК", "twice"),
        ({"glossary": {"чек": "  "}}, "glossary.чек", "does not say"),
        ({"components": [Component(name="Чеки"), Component(name="ЧЕКИ ")]}, "components[1].name", "Two"),
        ({"components": [Component(name="Чеки", keywords=["чек", " "])]}, "components[0].keywords[1]", ""),
        (
            {"priority_rules": [PriorityRule(keywords=["\u2028"], priority="low")]},
            "priority_rules[0].keywords[0]",
            "one line",
        ),
        ({"chat_ids": [1, 7, 99]}, "chat_ids[2]", "There is no chat 99."),
        ({"chat_ids": [2**70]}, "chat_ids[0]", "There is no chat"),
        (
            {"description": "x" * 10_000, "glossary": {f"w{n}": "ї" * 900 for n in range(32)}},
            "glossary",
            "are allowed",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    run: Run, given: dict[str, Any], field: str, words: str
) -> None:
    async def scenario() -> None:
        async with ingestion():
            right = await a_project("Права")
            for wrong in (a_project(**given), updated(right, **given)):
                code, at, message = await refusal(wrong)
                assert (code, at) == ("invalid", field)
                assert words in message
        assert await rows("SELECT name, version FROM project_configs") == [("Права", 1)]

    run(scenario)


def test_chats_cannot_be_checked_while_ingestion_is_away(run: Run) -> None:
    async def scenario() -> None:
        assert (await refusal(a_project(chat_ids=[7])))[0] == "unavailable"
        made = await a_project()
        assert (await refusal(updated(made, chat_ids=[7])))[0] == "unavailable"
        assert (await updated(made, min_length=3)).min_length == 3

    run(scenario)


def test_change_keeps_what_is_not_given_and_makes_a_version(run: Run) -> None:
    async def scenario() -> None:
        made = await a_project(keywords=["каса"], glossary={"ПРРО": "реєстратор"})
        changed = await updated(made, keywords=["чек", " каса"], changed_by="Олена")
        assert (changed.version, changed.keywords, changed.glossary) == (2, ["чек", "каса"], made.glossary)
        assert changed.updated_at > made.updated_at
        assert await updated(made, keywords=["чек", "каса"], name=" Каса") == changed
        assert (await updated(made, keywords=[])).version == 3
        noted = "SELECT action, fields, changed_by FROM configuration_changes ORDER BY id LIMIT 2"
        assert await rows(noted) == [("created", [], None), ("changed", ["keywords"], "Олена")]

    run(scenario)


def test_change_on_an_older_version_is_refused(run: Run) -> None:
    async def scenario() -> None:
        made = await a_project()
        changed = await updated(made, version=1, min_length=5)
        assert changed.version == 2
        code, field, words = await refusal(updated(made, version=1, min_length=7))
        assert (code, field) == ("conflict", "version")
        assert "it has version 2, and the change was made on 1" in words
        at_once = await asyncio.gather(
            *(updated(made, version=2, min_length=number) for number in range(10, 14)),
            return_exceptions=True,
        )
        assert sum(isinstance(each, ProjectRecord) for each in at_once) == 1

    run(scenario)


def test_whole_project_is_measured_when_a_part_changes(run: Run) -> None:
    async def scenario() -> None:
        half = {f"w{number}": "x" * 1000 for number in range(40)}
        made = await a_project(glossary=half)
        components = [Component(name=f"c{number}", description="x" * 1500) for number in range(20)]
        code, field, words = await refusal(updated(made, components=components))
        assert (code, field) == ("invalid", "components")
        assert f"{LARGEST_PROJECT:,} are allowed" in words

    run(scenario)


def test_renamed_project_keeps_clear_of_the_others(run: Run) -> None:
    async def scenario() -> None:
        made = await a_project()
        await a_project("Склад")
        assert (await refusal(updated(made, name="СКЛАД")))[:2] == ("conflict", "name")
        assert (await updated(made, name="КАСА")).name == "КАСА"

    run(scenario)


def test_project_with_runs_stays(run: Run) -> None:
    async def scenario() -> None:
        made = await a_project()
        await a_run(made.id)
        code, _, words = await refusal(project_queries.delete_project(DeleteProject(project_id=made.id)))
        assert (code, "has 1 run," in words) == ("conflict", True)
        await a_run(made.id)
        assert (
            "has 2 runs,"
            in (await refusal(project_queries.delete_project(DeleteProject(project_id=made.id))))[2]
        )

    run(scenario)


def test_project_is_deleted_twice_without_harm(run: Run) -> None:
    async def scenario() -> None:
        made = await a_project()
        for _ in range(2):
            await project_queries.delete_project(DeleteProject(project_id=made.id, changed_by="Олена"))
        assert (await refusal(project_queries.find_project(GetProject(project_id=made.id))))[0] == "not_found"
        assert (await refusal(updated(made, min_length=1)))[0] == "not_found"
        noted = "SELECT name, action, changed_by FROM configuration_changes ORDER BY id"
        assert await rows(noted) == [("Каса", "created", None), ("Каса", "deleted", "Олена")]

    run(scenario)


def test_projects_are_listed_by_name_page_by_page(run: Run) -> None:
    async def scenario() -> None:
        for name in ("Склад", "аптека", "Каса", "каса 2", "Ґанок"):
            await a_project(name)
        whole = [each.name for each in (await project_queries.page_of_projects(ListProjects())).items]
        assert sorted(whole) == sorted(["Склад", "аптека", "Каса", "каса 2", "Ґанок"])
        assert whole.index("аптека") < whole.index("Каса") < whole.index("каса 2") < whole.index("Склад")
        listed: list[str] = []
        cursor = None
        while True:
            page = await project_queries.page_of_projects(ListProjects(limit=2, cursor=cursor))
            listed += [each.name for each in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert listed == whole
        assert (await refusal(project_queries.page_of_projects(ListProjects(cursor="x"))))[:2] == (
            "invalid",
            "cursor",
        )

    run(scenario)


def test_page_of_large_projects_fits_into_one_answer(run: Run) -> None:
    async def scenario() -> None:
        large = {f"w{number}": "x" * 1000 for number in range(60)}
        for number in range(12):
            await a_project(f"Проєкт {number:02}", glossary=large)
        first = await project_queries.page_of_projects(ListProjects())
        assert 1 < len(first.items) < 12
        rest = await project_queries.page_of_projects(ListProjects(cursor=first.next_cursor))
        assert len(first.items) + len(rest.items) == 12
        assert rest.next_cursor is None

    run(scenario)
