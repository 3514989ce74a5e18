"""Everything that runs as one list: by kind, by state, with a link to its trace, and without who is away."""

from typing import Any

import httpx
import pytest

from services.gateway.routes.experiment_examples import EXPERIMENT
from services.gateway.routes.knowledge_examples import EXTRACTION
from services.gateway.routes.work_examples import PROJECT_ID, RUN
from shared.contracts.errors import unavailable
from shared.contracts.experiments import ListExperiments
from shared.contracts.extraction import ListExtractions
from shared.contracts.ingestion import JobRecord, ListJobs
from shared.contracts.runs import ListRuns
from tests.integration.gateway.answering import BEGAN
from tests.integration.gateway.stage import Stage

API = "/api/v1/runs"
QUERIES = {
    "analysis": ListRuns,
    "experiment": ListExperiments,
    "extraction": ListExtractions,
    "ingestion": ListJobs,
}
IDS = {"analysis": str(RUN.id), "experiment": str(EXPERIMENT.id), "extraction": str(EXTRACTION.id)}


@pytest.fixture
def job(stage: Stage) -> JobRecord:
    """A job that is there."""
    made = JobRecord(
        id=EXPERIMENT.snapshot_id, kind="export", status="running", source_name="r.json", created_at=BEGAN
    )
    stage.services.jobs[made.id] = made
    return made


def test_runs_of_all_kinds_come_newest_first_each_with_where_all_about_it_is(
    client: httpx.Client, job: JobRecord
) -> None:
    answer = client.get(API).raise_for_status().json()

    items: list[dict[str, Any]] = answer["items"]
    assert {item["kind"]: item["id"] for item in items} == IDS | {"ingestion": str(job.id)}
    made = [item["created_at"] for item in items]
    assert made == sorted(made, reverse=True)
    assert (answer["next_cursor"], answer["notes"]) == (None, [])
    for item in items:
        assert client.get(item["status_url"]).status_code == 200
        assert (item["analysis"] is None) == (item["kind"] != "analysis")
        assert item["trace"] is None  # this gateway knows of no place where traces are shown
    (analysis,) = [item["analysis"] for item in items if item["kind"] == "analysis"]
    assert analysis["proposals_pending"] == RUN.proposals_pending


@pytest.mark.parametrize("kind", QUERIES)
def test_one_kind_is_asked_for_alone(kind: str, stage: Stage, client: httpx.Client, job: JobRecord) -> None:
    answer = client.get(API, params={"kind": kind, "status": "running", "limit": 7}).raise_for_status()

    assert {item["kind"] for item in answer.json()["items"]} == {kind}
    (asked,) = stage.services.asked_for(QUERIES[kind])
    assert (asked.status, asked.limit) == ("running", 7)  # type: ignore[attr-defined]
    assert not [
        query for other in QUERIES if other != kind for query in stage.services.asked_for(QUERIES[other])
    ]
    assert job.status == "running"


@pytest.mark.parametrize("query", [{"project_id": str(PROJECT_ID)}, {"status": "closed"}])
def test_what_only_analysis_runs_have_asks_for_them_alone(
    query: dict[str, str], stage: Stage, client: httpx.Client
) -> None:
    found = client.get(API, params=query).raise_for_status().json()["items"]

    assert [item["kind"] for item in found] == ["analysis"]
    assert stage.services.asked_for(ListRuns)
    assert not stage.services.asked_for(ListJobs)
    other = client.get(API, params=query | {"kind": "ingestion"}).raise_for_status().json()
    assert other == {"items": [], "next_cursor": None, "notes": []}


def test_pages_are_of_all_kinds_together(client: httpx.Client, job: JobRecord) -> None:
    whole = client.get(API).json()["items"]
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in whole:
        page = client.get(API, params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        found += page["items"]
        cursor = page["next_cursor"]

    assert (found, cursor) == (whole, None)
    assert len(found) == 4
    assert job.id in {job.id for item in found}


def test_a_kind_whose_service_is_away_is_left_out_with_a_note(
    stage: Stage, client: httpx.Client, job: JobRecord
) -> None:
    stage.services.runs.refusal = unavailable("The service analysis is not running.")

    answer = client.get(API).raise_for_status().json()

    assert "analysis" not in {item["kind"] for item in answer["items"]}
    assert len(answer["items"]) == 3
    assert answer["notes"] == ["Kind analysis is missing for now: its service does not answer."]
    assert client.get(API, params={"kind": "analysis"}).status_code == 503
    assert job.id


@pytest.mark.parametrize(
    ("query", "field"),
    [({"kind": "nothing"}, "kind"), ({"cursor": "WzFd"}, "cursor"), ({"limit": "0"}, "limit")],
)
def test_what_cannot_be_asked_for_is_told(query: dict[str, str], field: str, client: httpx.Client) -> None:
    answer = client.get(API, params=query)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_cursor_of_other_kinds_is_refused(client: httpx.Client, job: JobRecord) -> None:
    cursor = client.get(API, params={"limit": 1}).json()["next_cursor"]

    assert client.get(API, params={"cursor": cursor, "kind": "analysis"}).status_code == 422
    assert job.id
