"""Projects, task configs and assignments at the door: who may, what is asked for, what is answered."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert

from services.gateway.keys import hash_key
from services.gateway.routes.project_examples import ASSIGNMENT, PROJECT, TASK_CONFIG
from services.gateway.tables import ApiKeyRow
from shared.contracts.errors import ErrorCode, QueryError, not_found
from shared.contracts.projects import (
    AssignAgent,
    Component,
    CreateProject,
    CreateTaskConfig,
    DeleteAssignment,
    DeleteProject,
    DeleteTaskConfig,
    ListAssignments,
    ListProjects,
    ListTaskConfigs,
    PriorityRule,
    UpdateProject,
    UpdateTaskConfig,
)
from shared.messaging.transaction import transaction
from tests.integration.gateway.answering_projects import Projects
from tests.integration.gateway.stage import Stage

API = "/api/v1"
PATHS = ("projects", "task-configs", "assignments")
NEW = {
    "projects": {"name": "Склад"},
    "task-configs": {"name": "Задачі"},
    "assignments": {"task_config_id": str(uuid4()), "agent_id": str(uuid4())},
}


@pytest.fixture
def projects(stage: Stage) -> Projects:
    """The part of analysis behind the gateway that is asked."""
    return stage.services.projects


def asked(projects: Projects, kind: type) -> Any:
    """The one query of a kind that came."""
    (query,) = [query for query in projects.asked if isinstance(query, kind)]
    return query


def test_project_is_made_with_all_that_is_given(projects: Projects, client: httpx.Client) -> None:
    body = {
        "name": "Каса",
        "description": "Каси",
        "language": "en",
        "chat_ids": [1, 7],
        "keywords": ["каса"],
        "mentions": ["olena"],
        "min_length": 5,
        "glossary": {"ПРРО": "реєстратор"},
        "components": [{"name": "Чеки", "keywords": ["чек"]}],
        "priority_rules": [{"keywords": ["стоїть"], "priority": "critical"}],
    }
    answer = client.post(f"{API}/projects", json=body)

    assert answer.status_code == 201, answer.text
    query = asked(projects, CreateProject)
    assert answer.headers["Location"] == f"{API}/projects/{query.project_id}"
    assert answer.json()["id"] == str(query.project_id)
    assert (query.changed_by, query.language, query.chat_ids) == ("first key", "en", [1, 7])
    assert (query.glossary, query.min_length) == ({"ПРРО": "реєстратор"}, 5)
    assert query.components == [Component(name="Чеки", keywords=["чек"])]
    assert query.priority_rules == [PriorityRule(keywords=["стоїть"], priority="critical")]


def test_task_config_is_made_and_agent_assigned(projects: Projects, client: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"due": {"type": "string"}}}
    config = client.post(f"{API}/task-configs", json={"name": "Задачі", "details_schema": schema})
    assert config.status_code == 201, config.text
    made = asked(projects, CreateTaskConfig)
    assert (made.details_schema, made.changed_by) == (schema, "first key")
    assert config.headers["Location"] == f"{API}/task-configs/{made.task_config_id}"

    body = {"task_config_id": str(uuid4()), "agent_id": str(uuid4()), "project_id": str(uuid4())}
    assignment = client.post(f"{API}/assignments", json=body)
    assert assignment.status_code == 201, assignment.text
    assigned = asked(projects, AssignAgent)
    assert {name: str(getattr(assigned, name)) for name in body} == body
    assert assignment.headers["Location"] == f"{API}/assignments/{assigned.assignment_id}"
    assert client.get(assignment.headers["Location"]).json()["agent_name"] == ASSIGNMENT.agent_name


@pytest.mark.parametrize("path", PATHS)
def test_post_is_done_once_for_an_idempotency_key(
    projects: Projects, client: httpx.Client, path: str
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = client.post(f"{API}/{path}", json=NEW[path], headers=headers)
    again = client.post(f"{API}/{path}", json=NEW[path], headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(projects.asked) == 1


def test_only_what_is_given_is_changed(projects: Projects, client: httpx.Client) -> None:
    changed = client.patch(f"{API}/projects/{PROJECT.id}", json={"version": 3, "keywords": ["чек"]})
    assert (changed.status_code, changed.json()["id"]) == (200, str(PROJECT.id))
    query = asked(projects, UpdateProject)
    assert (query.version, query.keywords, str(query.name)) == (3, ["чек"], "UNSET")

    without = client.patch(f"{API}/task-configs/{TASK_CONFIG.id}", json={"details_schema": None})
    assert without.status_code == 200
    config = asked(projects, UpdateTaskConfig)
    assert (config.details_schema, str(config.name), config.changed_by) == (None, "UNSET", "first key")


def test_lists_have_pages_and_assignments_a_filter(projects: Projects, client: httpx.Client) -> None:
    listed = client.get(f"{API}/projects", params={"limit": 1, "cursor": "WzFd"}).json()
    assert (listed["items"][0]["id"], listed["next_cursor"]) == (str(PROJECT.id), "WzFd")
    assert (asked(projects, ListProjects).limit, asked(projects, ListProjects).cursor) == (1, "WzFd")
    client.get(f"{API}/task-configs", params={"limit": 2})
    assert asked(projects, ListTaskConfigs).limit == 2
    found = client.get(f"{API}/assignments", params={"task_config_id": str(TASK_CONFIG.id)}).json()
    assert [UUID(each["id"]) for each in found["items"]] == [ASSIGNMENT.id]
    assert asked(projects, ListAssignments).task_config_id == TASK_CONFIG.id


def test_deletions_are_made_in_the_name_of_the_key(projects: Projects, client: httpx.Client) -> None:
    for path, kind in zip(PATHS, (DeleteProject, DeleteTaskConfig, DeleteAssignment), strict=True):
        answer = client.delete(f"{API}/{path}/{uuid4()}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert asked(projects, kind).changed_by == "first key"


@pytest.mark.parametrize(
    ("code", "field", "status"),
    [
        ("invalid", "details_schema.properties.due.type", 422),
        ("invalid", "components[0].keywords[2]", 422),
        ("conflict", "name", 409),
        ("conflict", "version", 409),
    ],
)
def test_place_that_analysis_names_is_answered(
    projects: Projects, client: httpx.Client, code: ErrorCode, field: str, status: int
) -> None:
    projects.refusal = QueryError(code, "Ось що не так.", field=field)
    for answer in (
        client.post(f"{API}/projects", json=NEW["projects"]),
        client.patch(f"{API}/projects/{PROJECT.id}", json={"name": "Каса"}),
        client.post(f"{API}/task-configs", json=NEW["task-configs"]),
        client.patch(f"{API}/task-configs/{TASK_CONFIG.id}", json={"name": "Задачі"}),
        client.post(f"{API}/assignments", json=NEW["assignments"]),
    ):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"] == [{"field": field, "message": "Ось що не так."}]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_there_is_404_and_what_has_runs_409(
    projects: Projects, client: httpx.Client, path: str
) -> None:
    projects.refusal = not_found("item")
    assert client.get(f"{API}/{path}/{uuid4()}").status_code == 404
    projects.refusal = QueryError("conflict", "'Каса' has 2 runs.")
    refused = client.delete(f"{API}/{path}/{uuid4()}")
    assert (refused.status_code, refused.json()["detail"]) == (409, "'Каса' has 2 runs.")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("projects", {}, "name"),
        ("projects", {"name": ""}, "name"),
        ("projects", {"name": "а", "language": "fr"}, "language"),
        ("projects", {"name": "а", "min_length": -1}, "min_length"),
        ("projects", {"name": "а", "chat_ids": ["x"]}, "chat_ids"),
        ("projects", {"name": "а", "keywords": [""]}, "keywords"),
        ("projects", {"name": "а", "keywords": ["а\x00б"]}, "keywords"),
        ("projects", {"name": "а", "glossary": {"а": 5}}, "glossary"),
        ("projects", {"name": "а", "components": [{"keywords": []}]}, "components"),
        (
            "projects",
            {"name": "а", "priority_rules": [{"keywords": [], "priority": "low"}]},
            "priority_rules",
        ),
        ("projects", {"name": "а", "owner": "я"}, "owner"),
        ("task-configs", {"name": "а", "details_schema": []}, "details_schema"),
        ("task-configs", {"name": "а", "instructions": "я" * 10_001}, "instructions"),
        ("assignments", {"agent_id": "x", "task_config_id": str(uuid4())}, "agent_id"),
        ("assignments", {"agent_id": str(uuid4())}, "task_config_id"),
    ],
)
def test_field_at_fault_is_named_before_anything_is_asked(
    projects: Projects, client: httpx.Client, path: str, body: dict[str, Any], field: str
) -> None:
    answer = client.post(f"{API}/{path}", json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert projects.asked == []


@pytest.mark.parametrize("path", PATHS)
def test_reading_takes_the_scope_read_and_changing_the_scope_write(stage: Stage, path: str) -> None:
    keys = {scope: f"{scope}-{uuid4()}" for scope in ("read", "write")}

    async def keep() -> None:
        async with transaction() as tx:
            for scope, key in keys.items():
                row = {"id": uuid4(), "name": key, "key_hash": hash_key(key), "scopes": [scope]}
                await tx.execute(insert(ApiKeyRow).values(row))

    stage.run(keep())
    with stage.client(key=None) as nobody, stage.client(key=keys["read"]) as reader:
        assert nobody.get(f"{API}/{path}").status_code == 401
        assert reader.get(f"{API}/{path}").status_code == 200
        assert reader.post(f"{API}/{path}", json=NEW[path]).status_code == 403
        assert reader.delete(f"{API}/{path}/{uuid4()}").status_code == 403
    with stage.client(key=keys["write"]) as writer:
        assert writer.post(f"{API}/{path}", json=NEW[path]).status_code == 201
        assert writer.delete(f"{API}/{path}/{uuid4()}").status_code == 204
