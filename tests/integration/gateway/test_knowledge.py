"""Knowledge at the door: what each request asks for, what it is answered, and what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from services.gateway.routes.knowledge_examples import ATOM, LINK, MERGE, RULE, TOPIC, VERSION
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import (
    CancelExtraction,
    CreateAtom,
    CreateLink,
    CreateRule,
    CreateTopic,
    DeleteLink,
    DeleteRule,
    EditAtom,
    EditTopic,
    GetExtraction,
    GetKnowledgeStats,
    GetTopic,
    ListAtoms,
    ListChanges,
    ListExtractions,
    ListLinks,
    ListMerges,
    ListRules,
    ListTopics,
    ListVersions,
    MergeAtoms,
    MergeTopics,
    ReviewAtom,
    ReviewAtoms,
    ReviewTopic,
    ReviewVersion,
    StartExtraction,
    SupersedeAtom,
    UndoMerge,
    UpdateRule,
)
from tests.integration.gateway.answering_knowledge import Knowledge
from tests.integration.gateway.stage import Stage

API = "/api/v1"
BY = "first key"
RULE_ID = RULE.id
RUN = UUID("5f0c9a4e-6f0b-4b6e-9a55-2f8f4c1f7d10")
BEYOND = 2**63


@pytest.fixture
def knowledge(stage: Stage) -> Knowledge:
    """The knowledge behind the gateway."""
    return stage.services.knowledge


READS: list[tuple[str, dict[str, Any], Any]] = [
    ("/topics", {}, ListTopics()),
    (
        "/topics",
        {"status": "needs_review", "search": "реліз", "cursor": "WzFd", "limit": 7},
        ListTopics(status="needs_review", search="реліз", cursor="WzFd", limit=7),
    ),
    ("/topics/5", {}, GetTopic(topic_id=5)),
    (
        "/topics/5/atoms",
        {"type": "decision", "status": "rejected", "limit": 3},
        ListAtoms(topic_id=5, type="decision", status="rejected", limit=3),
    ),
    ("/atoms", {}, ListAtoms()),
    (
        "/atoms",
        {
            "topic_id": 5,
            "type": "insight",
            "status": "approved",
            "message_id": 9,
            "run_id": str(RUN),
            "include_superseded": "false",
        },
        ListAtoms(
            topic_id=5, type="insight", status="approved", message_id=9, run_id=RUN, include_superseded=False
        ),
    ),
    ("/atoms/41/links", {}, ListLinks(atom_id=41)),
    (
        "/versions",
        {"entity": "topic", "entity_id": 5, "status": "draft"},
        ListVersions(entity="topic", entity_id=5, status="draft"),
    ),
    ("/merges", {"entity": "atom", "entity_id": 3}, ListMerges(entity="atom", entity_id=3)),
    ("/automation-rules", {}, ListRules()),
    ("/knowledge/stats", {}, GetKnowledgeStats()),
    ("/knowledge/changes", {"entity": "atom", "entity_id": 4}, ListChanges(entity="atom", entity_id=4)),
    ("/knowledge/extractions", {"status": "failed", "limit": 2}, ListExtractions(status="failed", limit=2)),
    (f"/knowledge/extractions/{RUN}", {}, GetExtraction(extraction_id=RUN)),
]


@pytest.mark.parametrize(("path", "query", "asked"), READS)
def test_a_read_asks_for_what_it_names(
    client: httpx.Client, knowledge: Knowledge, path: str, query: dict[str, Any], asked: Any
) -> None:
    answer = client.get(API + path, params=query)

    assert answer.status_code == 200, answer.text
    assert knowledge.asked[-1] == asked


WRITES: list[tuple[str, str, Any, int, Any, Any]] = [
    (
        "POST",
        "/topics",
        {"name": "Реліз", "icon": "🚀"},
        201,
        CreateTopic(name="Реліз", icon="🚀", by=BY),
        TOPIC,
    ),
    ("PATCH", "/topics/5", {"name": "Випуск"}, 200, EditTopic(topic_id=5, by=BY, name="Випуск"), TOPIC),
    ("PATCH", "/topics/5", {}, 200, EditTopic(topic_id=5, by=BY), TOPIC),
    (
        "POST",
        "/topics/5/review",
        {"status": "rejected"},
        200,
        ReviewTopic(topic_id=5, status="rejected", by=BY),
        TOPIC,
    ),
    ("POST", "/topics/8/merge", {"into": 5}, 200, MergeTopics(kept_id=5, merged_id=8, by=BY), MERGE),
    (
        "POST",
        "/atoms",
        {
            "type": "decision",
            "title": "а",
            "content": "б",
            "quotes": [{"message_id": 7, "quote": "так"}],
            "topic_ids": [5],
        },
        201,
        CreateAtom(type="decision", title="а", content="б", by=BY, quotes=[(7, "так")], topic_ids=[5]),
        ATOM,
    ),
    (
        "PATCH",
        "/atoms/41",
        {"type": "insight", "topic_ids": []},
        200,
        EditAtom(atom_id=41, by=BY, type="insight", topic_ids=[]),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/review",
        {"status": "approved"},
        200,
        ReviewAtom(atom_id=41, status="approved", by=BY),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/supersede",
        {"superseded_by": 50},
        200,
        SupersedeAtom(atom_id=41, superseded_by=50, by=BY),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/supersede",
        {"superseded_by": None},
        200,
        SupersedeAtom(atom_id=41, superseded_by=None, by=BY),
        ATOM,
    ),
    ("POST", "/atoms/42/merge", {"into": 41}, 200, MergeAtoms(kept_id=41, merged_id=42, by=BY), MERGE),
    (
        "POST",
        "/links",
        {"from_atom": 41, "to_atom": 38, "type": "solves", "strength": 0.8},
        201,
        CreateLink(from_atom=41, to_atom=38, type="solves", strength=0.8, by=BY),
        LINK,
    ),
    ("DELETE", "/links/9", None, 204, DeleteLink(link_id=9, by=BY), None),
    ("POST", "/versions/77/approve", None, 200, ReviewVersion(version_id=77, approve=True, by=BY), VERSION),
    ("POST", "/versions/77/reject", None, 200, ReviewVersion(version_id=77, approve=False, by=BY), VERSION),
    ("POST", "/merges/3/undo", None, 200, UndoMerge(merge_id=3, by=BY), MERGE),
    (
        "PATCH",
        f"/automation-rules/{RULE_ID}",
        {"enabled": False},
        200,
        UpdateRule(rule_id=RULE_ID, by=BY, enabled=False),
        RULE,
    ),
    ("DELETE", f"/automation-rules/{RULE_ID}", None, 204, DeleteRule(rule_id=RULE_ID, by=BY), None),
    (
        "POST",
        f"/knowledge/extractions/{RUN}/cancel",
        None,
        200,
        CancelExtraction(extraction_id=RUN),
        None,
    ),
]


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


def test_tasks_of_knowledge_are_in_the_catalogue(client: httpx.Client) -> None:
    tasks = client.get(f"{API}/tasks/catalogue").json()["items"]
    found = {task["actor"] for task in tasks if task["queue"] == "knowledge"}

    assert {"extract_knowledge_from_messages_task", "apply_rule_task"} <= found
