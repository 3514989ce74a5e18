"""Every error is problem+json, says what is at fault, and gives nothing away."""

import re
import threading
from typing import Any

import httpx
import pytest
from loguru import logger

from services.gateway.stores import keys as key_store
from tests.integration.gateway.stage import Stage

LONG = "9" * 30


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == "about:blank"
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("DELETE", "/api/v1/messages", 405),
        ("GET", "/webhook/telegram", 405),
        ("GET", "/api/v1/messages/abc", 404),
        ("GET", "/api/v1/messages/77", 404),
        ("GET", "/api/v1/messages/77/versions", 404),
        ("GET", "/api/v1/ingestion/jobs/9d3a6c9e-0f4e-4a4e-9d59-0a2cf5a1d001", 404),
        ("POST", "/api/v1/ingestion/jobs/9d3a6c9e-0f4e-4a4e-9d59-0a2cf5a1d001/cancel", 404),
        ("GET", "/api/v1/tasks/unknown", 404),
        ("DELETE", "/api/v1/messages/77/feedback", 404),
    ],
)
def test_what_is_not_there(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)

    assert problem(answer)["instance"] == path
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        (f"chat_id={LONG}", "chat_id"),
        ("class=loud", "class"),
        ("min_score=2", "min_score"),
        ("min_score=nan", "min_score"),
        ("since=yesterday", "since"),
        ("cursor=no-cursor", "cursor"),
        (f"kind={'k' * 41}", "kind"),
    ],
)
def test_invalid_query_names_the_field(client: httpx.Client, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/messages?{query}")

    assert answer.status_code == 422
    assert [error["field"] for error in problem(answer)["errors"]] == [field]


def test_value_out_of_a_fixed_set_is_told_which_there_are(client: httpx.Client) -> None:
    queried = client.get("/api/v1/messages?class=loud")
    posted = client.put("/api/v1/messages/1/feedback", json={"message_class": "loud"})

    for answer in (queried, posted):
        message = problem(answer)["errors"][0]["message"]
        assert message == "Invalid enum value 'loud'; it is one of noise, signal, weak_signal"


def test_message_id_beyond_64_bits_is_refused(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/messages/{LONG}")

    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["field"] == "message_id"


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"{", 400, None),
        (b"", 422, "body"),
        (b"[]", 422, "body"),
        (b'{"message_class": "loud"}', 422, "message_class"),
        (b'{"message_class": "noise", "why": 1}', 422, "why"),
        (b'{"comment": "no class"}', 422, "message_class"),
    ],
)
def test_invalid_body_names_the_field(
    client: httpx.Client, content: bytes, status: int, field: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.put("/api/v1/messages/1/feedback", content=content, headers=headers)

    assert answer.status_code == status
    assert [error["field"] for error in problem(answer).get("errors", [])] == ([field] if field else [])


def test_other_type_than_json_is_refused(client: httpx.Client) -> None:
    answer = client.put("/api/v1/messages/1/feedback", content=b"a=b", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, problem(answer)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["/api/v1/task-configs", "/api/v1/topics"])
def test_body_that_is_nested_without_end_is_refused(client: httpx.Client, path: str) -> None:
    content = b'{"name": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_001
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert problem(answer)["detail"] == "The body is nested too deeply."


def test_body_over_a_mebibyte_is_refused(client: httpx.Client) -> None:
    task = {"actor": "process_message", "arguments": {"text": "a" * (1 << 20)}}
    answer = client.post("/api/v1/tasks", json=task)

    assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")


def test_defect_gives_an_id_that_the_log_has_and_no_trace(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    lines: list[str] = []
    sink = logger.add(
        lambda line: lines.append(str(line)), format="{extra} {message} {exception}", level="ERROR"
    )
    stage.app.state.key_ring.forget()
    monkeypatch.setattr(key_store, "key_by_hash", breaks)
    try:
        answer = client.get("/api/v1/chats")
    finally:
        logger.remove(sink)

    body = problem(answer)
    assert answer.status_code == 500
    assert re.fullmatch("[0-9a-f]{32}", body["error_id"])
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert any(body["error_id"] in line and "ZeroDivisionError" in line for line in lines)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/chats", "/health/live", "/schema/openapi.json"])
def test_every_answer_has_the_headers_that_browsers_obey(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers or "uvicorn" in headers["server"]


def test_many_at_once_are_each_answered(stage: Stage) -> None:
    statuses: list[int] = []

    def ask() -> None:
        with stage.client() as client:
            statuses.extend(
                client.get(f"/api/v1/messages?limit={number}").status_code for number in (0, 5, 201)
            )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] * 8 + [422] * 16
