"""The catalogue, enqueueing by name, and how a task goes."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.contracts.base import COMMANDS
from shared.messaging.tasks import TaskRecord, put_task
from tests.integration.gateway.stage import Stage
from tests.integration.gateway.test_webhook import last_command


def test_catalogue_has_every_command_but_accounts_with_its_arguments(client: httpx.Client) -> None:
    items = {item["actor"]: item for item in client.get("/api/v1/tasks/catalogue").json()["items"]}

    assert set(items) == set(COMMANDS) - {"record_llm_calls_task"}
    assert items["process_message"]["queue"] == "ingestion"
    assert items["process_message"]["arguments"]["required"] == ["text"]
    assert items["score_message_task"]["arguments"]["properties"]["message_id"]["type"] == "integer"
    assert list(items["consider_messages_task"]["arguments"]["properties"]) == ["message_ids"]
    assert "$defs" not in items["consider_messages_task"]["arguments"]
    assert "Idempotent" in items["score_unscored_messages_task"]["description"]


def test_task_is_enqueued_and_followed(stage: Stage, client: httpx.Client) -> None:
    answer = client.post("/api/v1/tasks", json={"actor": "process_message", "arguments": {"text": "Привіт"}})

    assert answer.status_code == 202
    body = answer.json()
    command = last_command(stage)
    assert (command["message_id"], command["kwargs"]) == (body["task_id"], {"text": "Привіт"})
    assert command["options"]["headers"]["baggage"] == f"run_id={body['run_id']}"
    assert client.get(body["status_url"]).json()["state"] == "enqueued"

    done = TaskRecord(
        task_id=body["task_id"],
        actor="process_message",
        queue="ingestion",
        state="succeeded",
        attempts=1,
        updated_at=datetime.now(UTC),
        result="Processed: Привіт",
    )
    stage.run(put_task(done))
    assert client.get(body["status_url"]).json()["result"] == "Processed: Привіт"


@pytest.mark.parametrize(
    ("actor", "arguments", "field"),
    [
        ("no_such_task", {}, "actor"),
        ("process_message", {}, "arguments.text"),
        ("process_message", {"text": 5}, "arguments.text"),
        ("process_message", {"text": "a" * 5000}, "arguments.text"),
        ("process_message", {"text": "a", "loud": True}, "arguments.loud"),
        ("score_message_task", {"message_id": "7"}, "arguments.message_id"),
        ("score_message_task", {"message_id": 1, "message": {"id": 1}}, "arguments.message"),
        ("consider_messages_task", {"message_ids": [1], "messages": []}, "arguments.messages"),
        ("index_messages_task", {"message_ids": [1], "messages": []}, "arguments.messages"),
        ("record_llm_calls_task", {"calls": []}, "actor"),
        ("extract_knowledge_from_messages_task", {"message_ids": [2**63]}, "arguments.message_ids[0]"),
        ("score_unscored_messages_task", {"message_ids": [1, "2"]}, "arguments.message_ids[1]"),
        ("ingest_telegram_messages_task", {"job_id": "no-uuid"}, "arguments.job_id"),
    ],
)
def test_wrong_arguments_are_refused_by_the_contract(
    client: httpx.Client, actor: str, arguments: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v1/tasks", json={"actor": actor, "arguments": arguments})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_scoring_run_is_a_task(client: httpx.Client) -> None:
    body = client.post("/api/v1/scoring/runs").json()

    assert body["status_url"] == f"/api/v1/tasks/{body['run_id']}"
