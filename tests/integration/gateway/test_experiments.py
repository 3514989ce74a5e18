"""Experiments and labels at the door: what each request asks for, and what it is answered."""

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from services.gateway.routes.experiment_examples import COMPARISON, CONFIRMED, EXPERIMENT, LABEL
from shared.contracts.errors import QueryError
from shared.contracts.experiments import (
    CancelExperiment,
    CompareExperiments,
    CreateExperiment,
    DeleteExperiment,
    GetExperiment,
    ListExperimentResults,
    ListExperiments,
)
from shared.contracts.topics import LabelMessages, ListLabels
from tests.integration.gateway.answering_experiments import ANSWERS, Experiments
from tests.integration.gateway.stage import Stage

API = "/api/v1"
BY = "first key"
ID, OTHER = EXPERIMENT.id, COMPARISON.second.id


@pytest.fixture
def experiments(stage: Stage) -> Experiments:
    """Analysis' experiments behind the gateway."""
    return stage.services.experiments


def test_an_experiment_begins_under_the_id_of_its_chain(
    client: httpx.Client, experiments: Experiments
) -> None:
    answer = client.post(f"{API}/experiments", json={"name": "Базовий режим"})

    assert answer.status_code == 202, answer.text
    (asked,) = experiments.asked
    made = asked.experiment_id
    assert asked == CreateExperiment(experiment_id=made, name="Базовий режим", created_by=BY)
    assert experiments.chains == [made]
    body, address = answer.json(), f"{API}/experiments/{made}"
    assert (body["id"], body["task_id"], body["run_id"]) == (str(made),) * 3
    assert body["status_url"] == answer.headers["Location"] == address
    assert (body["experiment"]["id"], body["experiment"]["status"]) == (str(made), "pending")


def test_all_that_an_experiment_may_be_told_is_passed_on(
    client: httpx.Client, experiments: Experiments
) -> None:
    more: dict[str, Any] = {"model": "gpt-4.1-mini", "language": "en", "max_cost": 0.25, "messages": 50}
    ids: dict[str, Any] = {"provider_id": uuid4(), "snapshot_of": uuid4()}
    body = {"name": "gpt", **more, **{name: str(each) for name, each in ids.items()}}

    assert client.post(f"{API}/experiments", json=body).status_code == 202
    (asked,) = experiments.asked
    assert asked == CreateExperiment(
        experiment_id=asked.experiment_id, name="gpt", created_by=BY, **more, **ids
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x", "messages": 0}, "messages"),
        ({"name": "x", "messages": 1001}, "messages"),
        ({"name": "x", "max_cost": -1}, "max_cost"),
        ({"name": "x", "provider_id": "local"}, "provider_id"),
        ({"name": "x", "topics": []}, "topics"),
    ],
)
def test_a_wrong_experiment_is_refused_by_its_field(
    client: httpx.Client, experiments: Experiments, body: dict[str, Any], field: str
) -> None:
    answer = client.post(f"{API}/experiments", json=body)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert experiments.asked == []


def test_a_repeated_request_begins_one_experiment(client: httpx.Client, experiments: Experiments) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (client.post(f"{API}/experiments", json={"name": "x"}, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(experiments.asked) == 1


@pytest.mark.parametrize(
    ("path", "params", "asked"),
    [
        ("/experiments", {}, ListExperiments()),
        (
            "/experiments",
            {"status": "failed", "cursor": "WzFd", "limit": 7},
            ListExperiments(status="failed", cursor="WzFd", limit=7),
        ),
        (f"/experiments/{ID}", {}, GetExperiment(experiment_id=ID)),
        (f"/experiments/{ID}/results", {}, ListExperimentResults(experiment_id=ID)),
        (
            f"/experiments/{ID}/results",
            {"wrong": "true", "cursor": "WzFd", "limit": 3},
            ListExperimentResults(experiment_id=ID, wrong=True, cursor="WzFd", limit=3),
        ),
        (
            "/experiments/compare",
            {"first_id": str(ID), "second_id": str(OTHER)},
            CompareExperiments(first_id=ID, second_id=OTHER),
        ),
    ],
)
def test_a_read_asks_for_what_it_names(
    client: httpx.Client, experiments: Experiments, path: str, params: dict[str, Any], asked: Any
) -> None:
    answer = client.get(API + path, params=params)

    assert answer.status_code == 200, answer.text
    assert experiments.asked == [asked]
    assert answer.json() == msgspec.to_builtins(ANSWERS[type(asked)])


def test_a_comparison_needs_both(client: httpx.Client, experiments: Experiments) -> None:
    answer = client.get(f"{API}/experiments/compare", params={"first_id": str(ID)})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["second_id"]
    assert experiments.asked == []


def test_an_experiment_is_cancelled_within_its_own_chain(
    client: httpx.Client, experiments: Experiments
) -> None:
    answer = client.post(f"{API}/experiments/{ID}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert experiments.asked == [CancelExperiment(experiment_id=ID)]
    assert experiments.chains == [ID]


def test_one_that_runs_is_not_deleted(client: httpx.Client, experiments: Experiments) -> None:
    assert client.delete(f"{API}/experiments/{ID}").status_code == 204
    assert experiments.asked == [DeleteExperiment(experiment_id=ID)]

    experiments.refusal = QueryError("conflict", "The experiment is running: cancel it first.")
    answer = client.delete(f"{API}/experiments/{ID}")
    assert answer.status_code == 409
    assert "cancel" in answer.json()["detail"]


@pytest.mark.parametrize("topic_id", [5, None])
def test_messages_are_labelled_in_the_name_of_the_key(
    client: httpx.Client, experiments: Experiments, topic_id: int | None
) -> None:
    answer = client.put(f"{API}/messages/labels", json={"message_ids": [128, 7], "topic_id": topic_id})

    assert answer.status_code == 200, answer.text
    assert experiments.asked == [LabelMessages(message_ids=[128, 7], topic_id=topic_id, by=BY)]
    assert answer.json()["items"] == [msgspec.to_builtins(LABEL)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topic_id": 5}, "message_ids"),
        ({"message_ids": [], "topic_id": 5}, "message_ids"),
        ({"message_ids": [1]}, "topic_id"),
        ({"message_ids": [1], "topic_id": 2**63}, "topic_id"),
    ],
)
def test_wrong_labels_are_refused_by_their_field(
    client: httpx.Client, experiments: Experiments, body: dict[str, Any], field: str
) -> None:
    answer = client.put(f"{API}/messages/labels", json=body)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert experiments.asked == []


def test_labels_are_listed_a_page_after_the_other(client: httpx.Client, experiments: Experiments) -> None:
    first = client.get(f"{API}/labels", params={"topic_id": 5, "limit": 2}).json()
    client.get(f"{API}/labels", params={"cursor": first["next_cursor"]})

    assert [item["message_id"] for item in first["items"]] == [128, 195]
    assert experiments.asked == [
        ListLabels(topic_ids=[5], limit=2),
        ListLabels(after_id=CONFIRMED.message_id, limit=50),
    ]


def test_a_cursor_of_another_list_is_refused(client: httpx.Client, experiments: Experiments) -> None:
    answer = client.get(f"{API}/labels", params={"cursor": "nonsense"})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]
    assert experiments.asked == []
