"""Search and embeddings at the door: what is asked for, what is added to the answer, what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.contracts.embedding import GetCoverage, Search, StartEmbedding, StartReindex
from shared.contracts.errors import QueryError
from tests.integration.gateway.answering_embedding import Embedding
from tests.integration.gateway.stage import Stage

API = "/api/v1"


@pytest.fixture
def embedding(stage: Stage) -> Embedding:
    """The embedding behind the gateway, which finds messages 2 and 1 and an atom."""
    stage.services.fill(5)
    stage.services.embedding.find(stage.services.messages[2], stage.services.messages[1])
    return stage.services.embedding


def test_hits_come_with_author_and_chat(client: httpx.Client, embedding: Embedding) -> None:
    answer = client.get(f"{API}/search", params={"q": "коли реліз?"}).json()

    first, second, atom = answer["items"]
    assert [(hit["kind"], hit["id"]) for hit in answer["items"]] == [
        ("message", 2),
        ("message", 1),
        ("atom", 18),
    ]
    assert (first["author"]["name"], first["chat"]["title"]) == ("Автор 2", "Backend")
    assert (second["telegram_message_id"], second["matches"]) == (10, [[0, 4]])
    assert first["parts"] == {"vector": 0.8, "words": 0.5, "vector_z": 1.0, "words_z": 2.0}
    assert (atom["title"], atom["author"], atom["chat"]) == ("Рішення", None, None)
    assert (answer["space_id"], answer["basic_mode"], answer["took_ms"]) == (1, True, 4.2)
    (query,) = embedding.asked
    assert query == Search(query="коли реліз?")


def test_filters_reach_the_search_with_every_id_of_the_chat(
    client: httpx.Client, embedding: Embedding
) -> None:
    client.get(
        f"{API}/search",
        params={
            "q": "реліз",
            "kind": ["message"],
            "chat_id": 7,
            "author_id": 3,
            "since": "2026-03-01T00:00:00",
            "until": "2026-04-01T00:00:00Z",
            "class": "signal",
            "type": ["decision", "problem"],
            "include_noise": "true",
            "limit": 5,
        },
    ).raise_for_status()

    (query,) = embedding.asked
    assert query == Search(
        query="реліз",
        kinds=["message"],
        chat_ids=[1, 7],
        author_id=3,
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 4, 1, tzinfo=UTC),
        message_class="signal",
        atom_types=["decision", "problem"],
        include_noise=True,
        limit=5,
    )


def test_cursor_goes_on_where_the_page_ended(client: httpx.Client, embedding: Embedding) -> None:
    assert embedding.hits
    seen, cursor = [], None
    while True:
        query = {"q": "реліз", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{API}/search", params=query).json()
        seen += [hit["id"] for hit in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [2, 1, 18]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "а" * 501}, "q"),
        ({"q": "а", "limit": "101"}, "limit"),
        ({"q": "а", "kind": "topic"}, "kind"),
        ({"q": "а", "class": "loud"}, "class"),
        ({"q": "а", "type": "rumour"}, "type"),
        ({"q": "а", "since": "yesterday"}, "since"),
    ],
)
@pytest.mark.usefixtures("embedding")
def test_query_that_makes_no_sense_names_its_field(
    client: httpx.Client, query: dict[str, str], field: str
) -> None:
    answer = client.get(f"{API}/search", params=query)
    assert answer.status_code == 422
    assert field in {each["field"] for each in answer.json()["errors"]}


def test_query_without_a_word_names_the_parameter(client: httpx.Client, embedding: Embedding) -> None:
    embedding.refusal = QueryError("invalid", "Say what to search for.", field="query")
    answer = client.get(f"{API}/search", params={"q": "  "})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["q"]


def test_what_the_answer_lacks_is_said(client: httpx.Client, embedding: Embedding) -> None:
    embedding.degraded = "Found by words alone: no answer."
    assert client.get(f"{API}/search?q=реліз").json()["degraded"] == "Found by words alone: no answer."


@pytest.mark.parametrize("path", ["/search?q=а", "/embeddings/coverage", "/embeddings/spaces"])
def test_embedding_that_is_down_is_503(client: httpx.Client, embedding: Embedding, path: str) -> None:
    embedding.refusal = QueryError("unavailable", "The service embedding is not running.")
    answer = client.get(API + path)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_message_that_ingestion_does_not_know_comes_without_author(
    stage: Stage, client: httpx.Client, embedding: Embedding
) -> None:
    assert embedding.hits
    del stage.services.messages[2]
    first = client.get(f"{API}/search?q=реліз").json()["items"][0]
    assert (first["id"], first["author"], first["text"]) == (2, None, "Повідомлення 2")


@pytest.mark.parametrize("kind", ["message", "atom"])
@pytest.mark.parametrize("body", [{}, {"ids": [7, 8]}, {"provider_id": str(uuid4())}])
def test_embedding_is_enqueued_under_a_run(
    client: httpx.Client, embedding: Embedding, kind: str, body: dict[str, Any]
) -> None:
    answer = client.post(f"{API}/embeddings/{kind}s", json=body)

    assert answer.status_code == 202
    (query,) = embedding.asked
    assert isinstance(query, StartEmbedding)
    assert (query.kind, query.ids) == (kind, body.get("ids"))
    assert str(query.provider_id or "") == body.get("provider_id", "")
    run_id = str(query.run_id)
    assert answer.json() == {"task_id": run_id, "run_id": run_id, "status_url": f"{API}/tasks/{run_id}"}
    assert answer.headers["location"] == f"{API}/tasks/{run_id}"


def test_same_key_enqueues_once(client: httpx.Client, embedding: Embedding) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    answers = [client.post(f"{API}/embeddings/messages", json={}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(embedding.asked) == 1


@pytest.mark.parametrize("body", [{"ids": []}, {"ids": ["сім"]}, {"ids": list(range(10_001))}, {"id": 7}])
@pytest.mark.usefixtures("embedding")
def test_body_that_makes_no_sense_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    assert client.post(f"{API}/embeddings/messages", json=body).status_code == 422


def test_reindex_begins_and_is_watched(client: httpx.Client, embedding: Embedding) -> None:
    answer = client.post(f"{API}/embeddings/reindex")
    assert answer.status_code == 202
    (query,) = [query for query in embedding.asked if isinstance(query, StartReindex)]
    assert answer.json()["status_url"] == f"{API}/embeddings/reindex/{query.run_id}"
    assert client.get(answer.json()["status_url"]).json()["status"] == "pending"
    assert client.get(f"{API}/embeddings/reindex/{uuid4()}").status_code == 404


def test_reindex_beside_another_is_a_conflict(client: httpx.Client, embedding: Embedding) -> None:
    embedding.refusal = QueryError("conflict", "A vector space is being filled already.")
    assert client.post(f"{API}/embeddings/reindex").status_code == 409


def test_coverage_and_spaces(client: httpx.Client, embedding: Embedding) -> None:
    coverage = client.get(f"{API}/embeddings/coverage").json()
    assert [kind["kind"] for kind in coverage["kinds"]] == ["message", "atom", "topic"]
    assert coverage["failures"][0]["reason"] == "The text is empty."
    assert client.get(f"{API}/embeddings/spaces").json()["items"] == coverage["spaces"]
    assert [type(query) for query in embedding.asked] == [GetCoverage, GetCoverage]
