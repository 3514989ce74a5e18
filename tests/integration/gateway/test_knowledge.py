"""Knowledge at the door: what each request asks for, and what it is answered."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from shared.contracts.atoms import ReviewAtoms
from shared.contracts.extraction import StartExtraction
from shared.contracts.revisions import CreateRule
from tests.integration.gateway.answering_knowledge import Knowledge
from tests.integration.gateway.knowledge_requests import API, BY, READS, WRITES


@pytest.mark.parametrize(("path", "query", "asked"), READS)
def test_a_read_asks_for_what_it_names(
    client: httpx.Client, knowledge: Knowledge, path: str, query: dict[str, Any], asked: Any
) -> None:
    answer = client.get(API + path, params=query)

    assert answer.status_code == 200, answer.text
    assert knowledge.asked[-1] == asked


@pytest.mark.parametrize(("method", "path", "body", "status", "asked", "record"), WRITES)
def test_a_change_is_asked_for_in_the_name_of_the_key(  # noqa: PLR0913 - one case
    client: httpx.Client,
    knowledge: Knowledge,
    *,
    method: str,
    path: str,
    body: Any,
    status: int,
    asked: Any,
    record: Any,
) -> None:
    answer = client.request(method, API + path, json=body)

    assert answer.status_code == status, answer.text
    assert knowledge.asked == [asked]
    if record is not None:
        assert answer.json() == msgspec.to_builtins(record)


def test_what_was_made_says_where_it_is(client: httpx.Client) -> None:
    assert client.post(f"{API}/topics", json={"name": "Реліз"}).headers["Location"] == f"{API}/topics/5"


def test_many_are_reviewed_in_one_request_and_each_is_answered_for(
    client: httpx.Client, knowledge: Knowledge
) -> None:
    answer = client.post(f"{API}/atoms/review", json={"ids": [41, 99], "status": "approved"})

    assert answer.status_code == 200, answer.text
    assert knowledge.asked == [ReviewAtoms(atom_ids=[41, 99], status="approved", by=BY)]
    assert answer.json()["items"] == [
        {"atom_id": 41, "status": "approved", "error": None},
        {"atom_id": 99, "status": None, "error": {"code": "not_found", "message": "There is no atom 99."}},
    ]


def test_a_rule_is_made_under_the_id_of_its_run(client: httpx.Client, knowledge: Knowledge) -> None:
    body = {"name": "Певні", "applies_to": "atom", "min_confidence": 0.9, "atom_types": ["decision"]}
    answer = client.post(f"{API}/automation-rules", json=body)

    assert answer.status_code == 201, answer.text
    (asked,) = knowledge.asked
    expected = CreateRule(
        rule_id=asked.rule_id,
        name="Певні",
        applies_to="atom",
        min_confidence=0.9,
        atom_types=["decision"],
        by=BY,
    )
    assert asked == expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/topics", {"name": "Реліз"}),
        ("/atoms/41/review", {"status": "approved"}),
        ("/versions/77/approve", None),
        ("/merges/3/undo", None),
        ("/knowledge/extractions", {"chat_ids": [1]}),
    ],
)
def test_a_repeated_request_is_done_once_and_answered_twice(
    client: httpx.Client, knowledge: Knowledge, path: str, body: Any
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (client.post(API + path, json=body, headers=headers) for _ in range(2))

    assert len(knowledge.asked) == 1
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replayed"] == "true"


def test_an_extraction_begins_for_all_the_ids_that_its_chats_have_had(
    client: httpx.Client, knowledge: Knowledge
) -> None:
    body = {"chat_ids": [7, 2], "since": "2026-03-01T00:00:00", "until": "2026-04-01T00:00:00+02:00"}
    answer = client.post(f"{API}/knowledge/extractions", json=body)

    assert answer.status_code == 202, answer.text
    (asked,) = knowledge.asked
    assert isinstance(asked, StartExtraction)
    assert asked.chat_ids == [1, 7, 2]
    assert (asked.since, asked.started_by) == (datetime(2026, 3, 1, tzinfo=UTC), BY)
    accepted = answer.json()
    assert accepted["run_id"] == accepted["task_id"] == str(asked.run_id) == accepted["items"][0]["id"]
    assert len(accepted["items"]) == 2
    assert answer.headers["Location"] == accepted["status_url"]
    assert accepted["status_url"] == f"{API}/knowledge/extractions/{asked.run_id}"


def test_tasks_of_knowledge_are_in_the_catalogue(client: httpx.Client) -> None:
    tasks = client.get(f"{API}/tasks/catalogue").json()["items"]
    found = {task["actor"] for task in tasks if task["queue"] == "knowledge"}

    assert {"extract_knowledge_from_messages_task", "apply_rule_task"} <= found
