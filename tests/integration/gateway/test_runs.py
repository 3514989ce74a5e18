"""Analysis runs at the door: what each request asks for, and what it is answered."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from services.gateway.routes.work_examples import PROJECT_ID, RUN
from shared.contracts.errors import QueryError
from shared.contracts.runs import (
    CancelRun,
    CloseRun,
    CreateRun,
    GetRun,
    RetryRun,
    StartRun,
)
from tests.integration.gateway.answering_runs import ANSWERS, Runs
from tests.integration.gateway.stage import Stage

API = "/api/v1/runs"
BY = "first key"
NEW = {"project_id": str(PROJECT_ID), "since": "2026-03-02T00:00:00", "until": "2026-03-23T02:00:00+02:00"}
RUN_ID = RUN.id


@pytest.fixture
def runs(stage: Stage) -> Runs:
    """Analysis' runs behind the gateway."""
    return stage.services.runs


def test_a_run_is_made_under_the_id_of_its_chain_and_waits(client: httpx.Client, runs: Runs) -> None:
    answer = client.post(API, json=NEW)

    assert answer.status_code == 201, answer.text
    (asked,) = runs.asked
    assert asked == CreateRun(
        run_id=asked.run_id,
        project_id=PROJECT_ID,
        since=datetime(2026, 3, 2, tzinfo=UTC),
        until=datetime(2026, 3, 23, tzinfo=UTC),
        created_by=BY,
    )
    assert runs.chains == [asked.run_id]
    body = answer.json()
    assert (body["id"], body["status"]) == (str(asked.run_id), "pending")
    assert body["estimate"]["messages"] > 0
    assert answer.headers["Location"] == f"{API}/{asked.run_id}"


def test_all_that_a_run_may_be_told_is_passed_on(client: httpx.Client, runs: Runs) -> None:
    config, agent = uuid4(), uuid4()
    more = {"use_rag": False, "task_config_id": str(config), "agent_id": str(agent)}

    assert client.post(API, json=NEW | more).status_code == 201
    (asked,) = runs.asked
    assert (asked.use_rag, asked.task_config_id, asked.agent_id) == (False, config, agent)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"since": NEW["since"], "until": NEW["until"]}, "project_id"),
        (NEW | {"since": "yesterday"}, "since"),
        (NEW | {"project_id": "no-uuid"}, "project_id"),
        (NEW | {"start": True}, "start"),
    ],
)
def test_a_wrong_run_is_refused_by_its_field(
    client: httpx.Client, runs: Runs, body: dict[str, Any], field: str
) -> None:
    answer = client.post(API, json=body)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert runs.asked == []


def test_the_run_that_is_in_the_way_is_named(client: httpx.Client, runs: Runs) -> None:
    runs.refusal = QueryError("conflict", f"The project has a run that is not closed: {RUN_ID}.")
    answer = client.post(API, json=NEW)

    assert answer.status_code == 409
    assert str(RUN_ID) in answer.json()["detail"]


@pytest.mark.parametrize(("way", "query"), [("start", StartRun), ("retry", RetryRun)])
def test_a_run_begins_in_the_background(client: httpx.Client, runs: Runs, way: str, query: Any) -> None:
    answer = client.post(f"{API}/{RUN_ID}/{way}")

    assert answer.status_code == 202, answer.text
    assert runs.asked == [query(run_id=RUN_ID)]
    assert answer.json() == {
        "task_id": str(RUN_ID),
        "run_id": str(RUN_ID),
        "status_url": f"{API}/{RUN_ID}",
    }
    assert answer.headers["Location"] == f"{API}/{RUN_ID}"
    assert runs.chains == [RUN_ID]


@pytest.mark.parametrize(
    ("way", "query"),
    [("cancel", CancelRun(run_id=RUN_ID)), ("close", CloseRun(run_id=RUN_ID, closed_by=BY))],
)
def test_a_run_is_ended_in_the_name_of_the_key(
    client: httpx.Client, runs: Runs, way: str, query: CancelRun | CloseRun
) -> None:
    answer = client.post(f"{API}/{RUN_ID}/{way}")

    assert answer.status_code == 200, answer.text
    assert runs.asked == [query]
    assert runs.chains == [RUN_ID]
    assert answer.json() == msgspec.to_builtins(ANSWERS[type(query)])


def test_one_run_is_shown(client: httpx.Client, runs: Runs) -> None:
    answer = client.get(f"{API}/{RUN_ID}")

    assert answer.status_code == 200, answer.text
    assert runs.asked == [GetRun(run_id=RUN_ID)]
    assert answer.json() == msgspec.to_builtins(RUN)


@pytest.mark.parametrize(
    ("path", "body"), [(API, NEW), (f"{API}/{RUN_ID}/start", None), (f"{API}/{RUN_ID}/close", None)]
)
def test_a_repeated_request_is_done_once_and_answered_twice(
    client: httpx.Client, runs: Runs, path: str, body: Any
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (client.post(path, json=body, headers=headers) for _ in range(2))

    assert len(runs.asked) == 1
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"


def test_the_trace_of_any_chain_has_its_id(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = msgspec.structs.replace(stage.app.state.settings, jaeger_url="https://traces.example/jaeger/")
    monkeypatch.setattr(stage.app.state, "settings", settings)
    chain = UUID("00000000-0000-4000-8000-00000000000a")
    answer = client.get(f"{API}/{chain}/trace")

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "run_id": str(chain),
        "trace_id": "0000000000004000800000000000000a",
        "url": "https://traces.example/jaeger/trace/0000000000004000800000000000000a",
        "hint": None,
    }


def test_without_a_place_for_traces_it_says_what_to_set(client: httpx.Client) -> None:
    answer = client.get(f"{API}/{RUN_ID}/trace").json()

    assert (answer["trace_id"], answer["url"]) == (RUN_ID.hex, None)
    assert "TT_JAEGER_URL" in answer["hint"]
    assert client.get(f"{API}/no-uuid/trace").status_code == 404


def test_runs_and_experiments_are_in_the_catalogue(client: httpx.Client) -> None:
    tasks = client.get("/api/v1/tasks/catalogue").json()["items"]
    found = {task["actor"]: task for task in tasks if task["queue"] == "analysis"}

    assert {"execute_analysis_run", "wake_stuck_runs_task", "execute_classification_experiment"} <= set(found)
    assert found["execute_analysis_run"]["arguments"]["required"] == ["run_id"]
    assert "goes on with the first batch not saved" in found["execute_analysis_run"]["description"]
