"""ETags at the door: what an answer shows, what an edit was made on, and what is lost otherwise."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.gateway.routes.knowledge_examples import ATOM, TOPIC
from services.gateway.routes.project_examples import PROJECT, TASK_CONFIG
from services.gateway.routes.proposal_examples import PROPOSAL
from shared.contracts.analysis import DeleteAgent, UpdateAgent, UpdateProvider
from shared.contracts.atoms import EditAtom
from shared.contracts.errors import QueryError, not_found
from shared.contracts.projects import DeleteProject, UpdateProject, UpdateTaskConfig
from shared.contracts.proposals import EditProposal
from shared.contracts.topics import EditTopic
from tests.integration.gateway.stage import Stage

API = "/api/v1"
PROJECT_URL = f"{API}/projects/{PROJECT.id}"
VERSIONED: dict[str, tuple[str, int, dict[str, Any], type]] = {
    "project": (PROJECT_URL, PROJECT.version, {"name": "Склад"}, UpdateProject),
    "proposal": (f"{API}/proposals/{PROPOSAL.id}", PROPOSAL.version, {"title": "Інакше"}, EditProposal),
    "topic": (f"{API}/topics/{TOPIC.id}", TOPIC.version, {"name": "Новий реліз"}, EditTopic),
    "atom": (f"{API}/atoms/{ATOM.id}", ATOM.version, {"title": "Інакше"}, EditAtom),
}


def last(stage: Stage, kind: type) -> Any:
    """The last query of a kind that came."""
    return stage.services.asked_for(kind)[-1]


@pytest.mark.parametrize("name", VERSIONED)
def test_answer_has_its_version_as_tag_and_is_not_sent_twice(name: str, client: httpx.Client) -> None:
    url, version, _, _ = VERSIONED[name]

    answer = client.get(url)
    tag = answer.headers["etag"]
    again = client.get(url, headers={"If-None-Match": f'"other", W/{tag}'})

    assert answer.status_code == 200
    assert tag.startswith(f'"{version}.')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(url, headers={"If-None-Match": "*"}).status_code == 304
    assert client.get(url, headers={"If-None-Match": f'"{version}"'}).status_code == 200


@pytest.mark.parametrize("name", VERSIONED)
def test_edit_is_made_on_the_version_that_the_tag_names(
    name: str, stage: Stage, client: httpx.Client
) -> None:
    url, version, body, query = VERSIONED[name]
    tag = client.get(url).headers["etag"]

    for given in (tag, f'"{version}"', f'"0", {tag}'):
        answer = client.patch(url, json=body, headers={"If-Match": given})
        assert answer.status_code == 200
        assert answer.headers["etag"] == tag
        assert last(stage, query).version == version
    for headers in ({"If-Match": "*"}, {}):
        answer = client.patch(url, json=body, headers=headers)
        assert answer.status_code == 200
        assert last(stage, query).version is None


@pytest.mark.parametrize("name", VERSIONED)
@pytest.mark.parametrize("given", ['"{later}"', 'W/"{version}"', '"0", "{later}.abc"', '""'])
def test_lost_update_is_refused_before_it_is_asked_for(
    name: str, given: str, stage: Stage, client: httpx.Client
) -> None:
    url, version, body, query = VERSIONED[name]

    answer = client.patch(
        url, json=body, headers={"If-Match": given.format(version=version, later=version + 1)}
    )

    assert answer.status_code == 412
    assert answer.json()["code"] == "precondition_failed"
    assert f"it has version {version} now" in answer.json()["detail"]
    assert answer.headers["etag"].startswith(f'"{version}.')
    assert not stage.services.asked_for(query)


@pytest.mark.parametrize("given", ["7", '"open', '"a" "b"', "W/7", ", ,", '"a",,'])
def test_what_is_no_tag_is_told(given: str, stage: Stage, client: httpx.Client) -> None:
    answer = client.patch(PROJECT_URL, json={"name": "Склад"}, headers={"If-Match": given})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["If-Match"]
    assert not stage.services.asked_for(UpdateProject)


def test_change_between_the_look_and_the_edit_is_412_too(stage: Stage, client: httpx.Client) -> None:
    late = QueryError("conflict", "'Каса' was changed meanwhile.", field="version")
    projects = stage.services.projects
    projects.refuses = {UpdateProject: late, DeleteProject: late}
    tag = {"If-Match": f'"{PROJECT.version}"'}

    assert client.patch(PROJECT_URL, json={"name": "Склад"}, headers=tag).status_code == 412
    assert client.delete(PROJECT_URL, headers=tag).status_code == 412
    # The version in the body goes on as it was.
    in_body = client.patch(PROJECT_URL, json={"name": "Склад", "version": 1})
    assert (in_body.status_code, in_body.json()["errors"][0]["field"]) == (409, "version")
    assert last(stage, UpdateProject).version == 1


def test_another_conflict_stays_one(stage: Stage, client: httpx.Client) -> None:
    taken = QueryError("conflict", "There is a project named 'Склад' already.", field="name")
    stage.services.projects.refuses = {UpdateProject: taken}

    answer = client.patch(PROJECT_URL, json={"name": "Склад"}, headers={"If-Match": f'"{PROJECT.version}"'})

    assert answer.status_code == 409


def test_what_has_no_version_is_known_by_its_last_change(stage: Stage, client: httpx.Client) -> None:
    provider = client.post(
        f"{API}/providers", json={"name": "Nearby", "type": "ollama", "chat_model": "llama3"}
    ).json()
    agent = client.post(
        f"{API}/agents", json={"name": "A", "kind": "task_proposer", "provider_id": provider["id"]}
    ).json()
    config = f"{API}/task-configs/{TASK_CONFIG.id}"
    things: list[tuple[str, type, Any]] = [
        (f"{API}/providers/{provider['id']}", UpdateProvider, None),
        (f"{API}/agents/{agent['id']}", UpdateAgent, None),
        (config, UpdateTaskConfig, TASK_CONFIG.updated_at),
    ]
    for url, query, updated_at in things:
        tag = client.get(url).headers["etag"]
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
        answer = client.patch(url, json={"name": "Інша"}, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text
        seen = last(stage, query).unchanged_since
        assert seen is not None
        assert updated_at in (None, seen)
        assert client.patch(url, json={"name": "B"}, headers={"If-Match": '"1"'}).status_code == 412
        assert client.delete(url, headers={"If-Match": '"1"'}).status_code == 412
        assert client.delete(url, headers={"If-Match": tag}).status_code == 204
    assert last(stage, DeleteAgent).unchanged_since is not None


def test_what_is_gone_is_gone_whatever_was_seen(stage: Stage, client: httpx.Client) -> None:
    stage.services.projects.refusal = not_found("project")
    tag = {"If-Match": '"7"'}

    assert client.patch(PROJECT_URL, json={"name": "Склад"}, headers=tag).status_code == 404
    assert client.delete(PROJECT_URL, headers=tag).status_code == 204
    assert client.delete(f"{API}/agents/{uuid4()}", headers=tag).status_code == 204
