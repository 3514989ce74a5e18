"""What is refused at the door of knowledge, and how."""

from typing import Any

import httpx
import pytest

from shared.contracts.errors import QueryError
from tests.integration.gateway.answering_knowledge import Knowledge
from tests.integration.gateway.knowledge_requests import API, READS, RULE_ID, WRITES
from tests.integration.gateway.stage import Stage

BEYOND = 2**63


def test_a_chat_that_is_not_there_is_named(client: httpx.Client, knowledge: Knowledge) -> None:
    answer = client.post(f"{API}/knowledge/extractions", json={"chat_ids": [1, 99]})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "chat_ids", "message": "There is no chat 99.", "source": "body"}
    ]
    assert knowledge.asked == []


BODIES = [
    ("POST", "/topics"),
    ("PATCH", "/topics/5"),
    ("POST", "/topics/5/review"),
    ("POST", "/topics/5/merge"),
    ("POST", "/atoms"),
    ("PATCH", "/atoms/41"),
    ("POST", "/atoms/41/review"),
    ("POST", "/atoms/41/supersede"),
    ("POST", "/atoms/41/merge"),
    ("POST", "/atoms/review"),
    ("POST", "/links"),
    ("POST", "/automation-rules"),
    ("PATCH", f"/automation-rules/{RULE_ID}"),
    ("POST", "/knowledge/extractions"),
]


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"x"', b'{"nonsense": 1}'])
def test_a_body_that_is_missing_or_of_another_shape_is_refused(
    client: httpx.Client, knowledge: Knowledge, method: str, path: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.request(method, API + path, content=content, headers=headers)

    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert knowledge.asked == []


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_is_not_json_is_refused(client: httpx.Client, method: str, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.request(method, API + path, content=b"{", headers=headers)

    assert answer.status_code == 400, answer.text


ATOM_BODY = {"type": "decision", "title": "а", "content": "б", "quotes": [{"message_id": 7, "quote": "так"}]}
LINK_BODY = {"from_atom": 41, "to_atom": 38, "type": "solves"}
RULE_BODY = {"name": "Певні", "applies_to": "atom", "min_confidence": 0.9}


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/topics", {"name": ""}, "name"),
        ("POST", "/topics", {"name": "я" * 101}, "name"),
        ("POST", "/topics", {"name": "а\x00б"}, "name"),
        ("POST", "/topics", {"name": "Реліз", "colour": "red"}, "colour"),
        ("POST", "/topics", {"name": "Реліз", "colour": "#00ff00\n"}, "colour"),
        ("POST", "/topics", {"name": "Реліз", "icon": ""}, "icon"),
        ("PATCH", "/topics/5", {"name": None}, "name"),
        ("PATCH", "/topics/5", {"status": "approved"}, "status"),
        ("POST", "/topics/5/review", {"status": "draft"}, "status"),
        ("POST", "/topics/5/merge", {"into": 0}, "into"),
        ("POST", "/topics/5/merge", {"into": BEYOND}, "into"),
        ("POST", "/topics/5/merge", {"into": "eight"}, "into"),
        ("POST", "/atoms", ATOM_BODY | {"quotes": []}, "quotes"),
        ("POST", "/atoms", ATOM_BODY | {"quotes": [{"message_id": BEYOND, "quote": "так"}]}, "quotes"),
        ("POST", "/atoms", ATOM_BODY | {"quotes": [{"message_id": 7, "quote": "а\x00"}]}, "quotes"),
        ("POST", "/atoms", ATOM_BODY | {"title": "я" * 201}, "title"),
        ("POST", "/atoms", ATOM_BODY | {"type": "topic"}, "type"),
        ("POST", "/atoms", ATOM_BODY | {"topic_ids": [-1]}, "topic_ids"),
        ("PATCH", "/atoms/41", {"confidence": 1.0}, "confidence"),
        ("POST", "/atoms/41/supersede", {"superseded_by": BEYOND * 10**9}, "superseded_by"),
        ("POST", "/atoms/review", {"ids": [], "status": "approved"}, "ids"),
        ("POST", "/atoms/review", {"ids": list(range(1, 202)), "status": "approved"}, "ids"),
        ("POST", "/links", LINK_BODY | {"strength": 1.5}, "strength"),
        ("POST", "/links", LINK_BODY | {"type": "likes"}, "type"),
        ("POST", "/automation-rules", RULE_BODY | {"min_confidence": -0.1}, "min_confidence"),
        ("POST", "/automation-rules", RULE_BODY | {"applies_to": "link"}, "applies_to"),
        ("PATCH", f"/automation-rules/{RULE_ID}", {"applies_to": "topic"}, "applies_to"),
        ("POST", "/knowledge/extractions", {"message_ids": []}, "message_ids"),
        ("POST", "/knowledge/extractions", {"message_ids": [BEYOND]}, "message_ids"),
        ("POST", "/knowledge/extractions", {"chat_ids": [BEYOND]}, "chat_ids"),
        ("POST", "/knowledge/extractions", {"since": "yesterday"}, "since"),
        ("POST", "/knowledge/extractions", {"agent_id": "x"}, "agent_id"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(  # noqa: PLR0913 - one case
    client: httpx.Client, knowledge: Knowledge, *, method: str, path: str, body: Any, field: str
) -> None:
    answer = client.request(method, API + path, json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].partition("[")[0].partition(".")[0] == field
    assert knowledge.asked == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/topics/{}"),
        ("PATCH", "/topics/{}"),
        ("GET", "/topics/{}/atoms"),
        ("GET", "/atoms/{}"),
        ("GET", "/atoms/{}/links"),
        ("POST", "/versions/{}/approve"),
        ("POST", "/merges/{}/undo"),
        ("DELETE", "/links/{}"),
        ("GET", "/atoms?topic_id={}"),
        ("GET", "/atoms?message_id={}"),
        ("GET", "/versions?entity=topic&entity_id={}"),
        ("GET", "/merges?entity=topic&entity_id={}"),
        ("GET", "/knowledge/changes?entity=topic&entity_id={}"),
    ],
)
@pytest.mark.parametrize("number", [0, BEYOND, BEYOND * 10**9])
def test_an_id_that_no_row_can_have_is_refused(
    client: httpx.Client, knowledge: Knowledge, method: str, path: str, number: int
) -> None:
    body: dict[str, Any] | None = {} if method == "PATCH" else None
    answer = client.request(method, API + path.format(number), json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert knowledge.asked == []


@pytest.mark.parametrize(
    "query",
    ["status=draft", "search=%00", f"search={'a' * 201}", "limit=0", "limit=201", f"cursor={'a' * 501}"],
)
def test_a_parameter_that_does_not_fit_is_refused_with_its_name(client: httpx.Client, query: str) -> None:
    answer = client.get(f"{API}/topics?{query}")

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("code", "status"), [("not_found", 404), ("conflict", 409), ("invalid", 422), ("unavailable", 503)]
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [(method, path, body) for method, path, body, *_ in WRITES] + [("GET", path, None) for path, *_ in READS],
)
def test_a_refusal_is_passed_on_as_a_problem(  # noqa: PLR0913 - one case
    client: httpx.Client,
    knowledge: Knowledge,
    *,
    method: str,
    path: str,
    body: Any,
    code: Any,
    status: int,
) -> None:
    knowledge.refusal = QueryError(code, "Topic 1 was merged into topic 2.", field="name")
    answer = client.request(method, API + path, json=body)

    assert answer.status_code == status
    problem = answer.json()
    assert (problem["detail"], problem["code"]) == ("Topic 1 was merged into topic 2.", code)
    assert problem["errors"][0]["field"] == "name"


@pytest.mark.parametrize("path", ["/topics/8/merge", "/atoms/8/merge"])
def test_a_merge_into_what_cannot_be_names_the_field_of_the_body(
    client: httpx.Client, knowledge: Knowledge, path: str
) -> None:
    knowledge.refusal = QueryError("invalid", "There is no topic 9.", field="kept_id")
    answer = client.post(API + path, json={"into": 9})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "into", "message": "There is no topic 9."}]


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, *_ in WRITES])
def test_every_change_needs_a_key(stage: Stage, knowledge: Knowledge, method: str, path: str) -> None:
    with stage.client(key=None) as anyone:
        assert anyone.request(method, API + path, json={}).status_code == 401
    assert knowledge.asked == []
