"""Providers, agents and accounts at the door: who may, what is asked for, what is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, text

from services.gateway.keys import hash_key
from services.gateway.tables import ApiKeyRow
from shared.contracts.analysis import (
    CreateAgent,
    CreateProvider,
    DeleteAgent,
    DeleteProvider,
    GetLlmUsage,
    ListLlmCalls,
    LlmCall,
    StartValidation,
    UpdateAgent,
    UpdateProvider,
)
from shared.contracts.errors import QueryError, unavailable
from shared.llm import bind_keys, new_encryption_key, unseal
from shared.messaging.transaction import transaction
from tests.integration.gateway.answering_analysis import Analysis
from tests.integration.gateway.stage import Stage

PROVIDERS, AGENTS = "/api/v1/providers", "/api/v1/agents"
SECRET = "sk-open-sesame-0123456789"
OPENAI = {"name": "OpenAI", "type": "openai", "api_key": SECRET}
OLLAMA = {"name": "Ollama", "type": "ollama"}


@pytest.fixture(autouse=True)
def _encryption_key() -> Iterator[None]:
    bind_keys(new_encryption_key())
    yield
    bind_keys("")


@pytest.fixture
def analysis(stage: Stage) -> Analysis:
    """The analysis behind the gateway, which knows nothing yet."""
    return stage.services.analysis


@pytest.fixture
def writer(stage: Stage) -> Iterator[httpx.Client]:
    """A client that may write, but is no admin."""
    key = f"writer-{uuid4()}"
    stage.run(keep_key(key, ["read", "write"]))
    with stage.client(key=key) as made:
        yield made


async def keep_key(key: str, scopes: list[str]) -> None:
    """Let a key in."""
    row = {"id": uuid4(), "name": key, "key_hash": hash_key(key), "scopes": scopes}
    async with transaction() as tx:
        await tx.execute(insert(ApiKeyRow).values(row))


def asked(analysis: Analysis, kind: type) -> list[Any]:
    return [query for query in analysis.asked if isinstance(query, kind)]


def add(client: httpx.Client, body: dict[str, Any], path: str = PROVIDERS) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{path}/{made['id']}"
    return made


def test_key_is_sealed_before_it_travels_and_never_answered(analysis: Analysis, client: httpx.Client) -> None:
    answer = client.post(PROVIDERS, json=OPENAI | {"api_key": f" {SECRET}\n"})

    assert answer.status_code == 201
    assert SECRET not in answer.text
    assert answer.json()["has_api_key"] is True
    (query,) = asked(analysis, CreateProvider)
    assert SECRET not in str(query)
    assert unseal(query.sealed_key) == SECRET
    assert query.changed_by == "first key"


def test_key_is_not_among_the_kept_answers(stage: Stage, client: httpx.Client) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = client.post(PROVIDERS, json=OPENAI, headers=headers)
    again = client.post(PROVIDERS, json=OPENAI, headers=headers)

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(asked(stage.services.analysis, CreateProvider)) == 1

    async def kept() -> str:
        async with transaction() as tx:
            rows = await tx.execute(text("SELECT encode(body, 'escape'), * FROM gateway.idempotent_requests"))
            return str(list(rows))

    assert SECRET not in stage.run(kept())


def test_everything_that_is_given_is_passed_on(analysis: Analysis, client: httpx.Client) -> None:
    add(
        client,
        {
            "name": "vLLM",
            "type": "openai",
            "base_url": "http://vllm:8000",
            "chat_model": "qwen3",
            "document_model": "d",
            "query_model": "q",
            "max_concurrency": 2,
            "timeout_seconds": 30,
            "prices": {"input": 0.1},
            "activate": ["knowledge_extractor"],
        },
    )

    (query,) = asked(analysis, CreateProvider)
    assert (query.base_url, query.chat_model, query.document_model) == ("http://vllm:8000", "qwen3", "d")
    assert (query.query_model, query.max_concurrency, query.timeout_seconds) == ("q", 2, 30.0)
    assert (query.prices.input, query.activate, query.sealed_key) == (0.1, ["knowledge_extractor"], None)


def test_lists_and_items_are_what_analysis_has(client: httpx.Client) -> None:
    ollama, openai = add(client, OLLAMA), add(client, OPENAI)

    assert client.get(PROVIDERS).json() == {"items": [ollama, openai], "next_cursor": None}
    assert client.get(f"{PROVIDERS}/{ollama['id']}").json() == ollama
    models = client.get(f"{PROVIDERS}/{ollama['id']}/models").json()
    assert models == {"items": ["bge-m3", "llama3"], "next_cursor": None}


def test_change_passes_on_what_is_given_and_nulls(analysis: Analysis, client: httpx.Client) -> None:
    made = add(client, OPENAI)
    changed = client.patch(f"{PROVIDERS}/{made['id']}", json={"chat_model": None, "api_key": "sk-new"})

    assert changed.status_code == 200
    assert changed.json()["chat_model"] is None
    client.patch(f"{PROVIDERS}/{made['id']}", json={"name": "Renamed", "api_key": None})
    first, second = asked(analysis, UpdateProvider)
    assert unseal(first.sealed_key) == "sk-new"
    assert first.name is not None
    assert str(first.name) == "UNSET"
    assert (second.name, second.sealed_key, str(second.chat_model)) == ("Renamed", None, "UNSET")


def test_deleting_twice_is_no_error(analysis: Analysis, client: httpx.Client) -> None:
    path = f"{PROVIDERS}/{add(client, OLLAMA)['id']}"

    assert [client.delete(path).status_code for _ in range(2)] == [204, 204]
    assert asked(analysis, DeleteProvider)[0].changed_by == "first key"


def test_validation_is_a_task_of_the_run(analysis: Analysis, client: httpx.Client) -> None:
    made = add(client, OLLAMA)
    answer = client.post(f"{PROVIDERS}/{made['id']}/validate")

    assert answer.status_code == 202
    (query,) = asked(analysis, StartValidation)
    assert (str(query.provider_id), str(query.run_id)) == (made["id"], answer.json()["run_id"])
    assert answer.json()["status_url"] == f"/api/v1/tasks/{query.run_id}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "ollama"}, "name"),
        ({"name": "", "type": "ollama"}, "name"),
        ({"name": "a", "type": "mystery"}, "type"),
        ({"name": "a", "type": "ollama", "base_url": ""}, "base_url"),
        ({"name": "a", "type": "openai", "api_key": "two words"}, "api_key"),
        ({"name": "a", "type": "openai", "api_key": "ключ"}, "api_key"),
        ({"name": "a", "type": "ollama", "max_concurrency": 0}, "max_concurrency"),
        ({"name": "a", "type": "ollama", "prices": {"input": -1}}, "prices"),
        ({"name": "a", "type": "ollama", "activate": ["cook"]}, "activate"),
        ({"name": "a", "type": "ollama", "apikey": "sk-misspelt"}, "apikey"),
    ],
)
def test_field_at_fault_is_named(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = client.post(PROVIDERS, json=body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert "two words" not in answer.text
    assert "sk-misspelt" not in answer.text


def test_refusals_of_analysis_are_problems(analysis: Analysis, client: httpx.Client) -> None:
    for refusal, status in (
        (QueryError("conflict", "There is a provider named 'a' already.", field="name"), 409),
        (QueryError("invalid", "The address has no host.", field="base_url"), 422),
        (unavailable("The service analysis is not running."), 503),
    ):
        analysis.refusal = refusal
        answer = client.post(PROVIDERS, json=OLLAMA)
        assert (answer.status_code, answer.json()["detail"]) == (status, refusal.body.message)
        assert [each["field"] for each in answer.json().get("errors", [])] == (
            [refusal.body.field] if refusal.body.field else []
        )


def test_what_is_not_there_is_404(client: httpx.Client) -> None:
    nobody = uuid4()
    assert client.get(f"{PROVIDERS}/{nobody}").status_code == 404
    assert client.patch(f"{PROVIDERS}/{nobody}", json={"name": "a"}).status_code == 404
    assert client.post(f"{PROVIDERS}/{nobody}/validate").status_code == 404
    assert client.get(f"{PROVIDERS}/{nobody}/models").status_code == 404
    assert client.get(f"{AGENTS}/{nobody}").status_code == 404
    assert client.patch(f"{AGENTS}/{nobody}", json={"name": "a"}).status_code == 404


def test_without_an_encryption_key_no_api_key_is_taken(analysis: Analysis, client: httpx.Client) -> None:
    bind_keys("")
    answer = client.post(PROVIDERS, json=OPENAI)

    assert answer.status_code == 409
    assert "TT_ENCRYPTION_KEYS" in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "api_key"
    assert SECRET not in answer.text
    assert not asked(analysis, CreateProvider)
    assert client.post(PROVIDERS, json=OLLAMA).status_code == 201


def test_who_decides_where_messages_are_sent_is_an_admin(
    analysis: Analysis, client: httpx.Client, writer: httpx.Client
) -> None:
    provider = add(client, OLLAMA)["id"]
    agent = client.post(AGENTS, json={"name": "a", "kind": "embedder", "provider_id": provider}).json()["id"]
    analysis.asked.clear()

    refused = [
        writer.post(PROVIDERS, json=OLLAMA | {"name": "b", "base_url": "https://collector.example.com"}),
        writer.patch(f"{PROVIDERS}/{provider}", json={"base_url": "https://collector.example.com"}),
        writer.delete(f"{PROVIDERS}/{provider}"),
        writer.post(AGENTS, json={"name": "b", "kind": "embedder", "provider_id": provider}),
        writer.patch(f"{AGENTS}/{agent}", json={"active": True}),
        writer.delete(f"{AGENTS}/{agent}"),
    ]

    assert [answer.status_code for answer in refused] == [403] * 6
    assert all("'admin'" in answer.json()["detail"] for answer in refused)
    assert not analysis.asked
    assert writer.post(f"{PROVIDERS}/{provider}/validate").status_code == 202


def test_without_a_key_or_with_one_for_reading_nothing_changes(stage: Stage) -> None:
    key = f"reader-{uuid4()}"
    stage.run(keep_key(key, ["read"]))
    with stage.client(key=None) as nobody, stage.client(key=key) as reader:
        for path in (PROVIDERS, AGENTS, "/api/v1/llm/usage", f"/api/v1/llm/calls?run_id={uuid4()}"):
            assert nobody.get(path).status_code == 401
            assert reader.get(path).status_code == 200
        for path in (PROVIDERS, AGENTS, f"{PROVIDERS}/{uuid4()}/validate"):
            assert reader.post(path, json={}).status_code == 403
        for path in (f"{PROVIDERS}/{uuid4()}", f"{AGENTS}/{uuid4()}"):
            assert reader.patch(path, json={}).status_code == 403
            assert reader.delete(path).status_code == 403


def test_agents_are_made_changed_and_deleted(analysis: Analysis, client: httpx.Client) -> None:
    provider = add(client, OLLAMA)["id"]
    made = add(
        client,
        {"name": "Extractor", "kind": "knowledge_extractor", "provider_id": provider, "active": True},
        AGENTS,
    )
    path = f"{AGENTS}/{made['id']}"

    assert client.get(AGENTS).json()["items"] == [made]
    assert client.get(path).json() == made
    changed = client.patch(path, json={"temperature": 0.5, "model": None}).json()
    assert (changed["temperature"], changed["model"], changed["active"]) == (0.5, None, True)
    assert client.delete(path).status_code == 204
    (create,), (update,) = asked(analysis, CreateAgent), asked(analysis, UpdateAgent)
    assert (create.changed_by, update.changed_by) == ("first key", "first key")
    assert (str(update.name), update.model) == ("UNSET", None)
    assert asked(analysis, DeleteAgent)[0].changed_by == "first key"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "cook"}, "kind"),
        ({"temperature": 3}, "temperature"),
        ({"provider_id": "not a uuid"}, "provider_id"),
        ({"language": "fr"}, "language"),
        ({"max_cost_per_run": -1}, "max_cost_per_run"),
    ],
)
def test_field_of_an_agent_at_fault_is_named(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    good = {"name": "a", "kind": "embedder", "provider_id": str(uuid4())}
    answer = client.post(AGENTS, json=good | body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_usage_and_calls_are_asked_for_by_run_and_time(analysis: Analysis, client: httpx.Client) -> None:
    run_id = uuid4()
    call = LlmCall(
        id=uuid4(),
        provider_id=uuid4(),
        model="llama3",
        kind="chat",
        task="extract_knowledge",
        service="knowledge",
        run_id=run_id,
        input_tokens=100,
        cost=0.25,
        called_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    analysis.calls[:] = [call, call]

    usage = client.get("/api/v1/llm/usage", params={"run_id": str(run_id), "since": "2026-03-01T00:00:00"})
    assert (usage.status_code, usage.json()["cost"], len(usage.json()["items"])) == (200, 0.5, 2)
    (query,) = asked(analysis, GetLlmUsage)
    assert (query.run_id, query.since, query.until) == (run_id, datetime(2026, 3, 1, tzinfo=UTC), None)
    calls = client.get("/api/v1/llm/calls", params={"run_id": str(run_id), "limit": 1}).json()
    assert [UUID(each["id"]) for each in calls["items"]] == [call.id]
    assert asked(analysis, ListLlmCalls)[0].limit == 1
    without_run = client.get("/api/v1/llm/calls")
    assert (without_run.status_code, without_run.json()["errors"][0]["field"]) == (422, "run_id")


def test_description_says_that_the_key_is_only_written(client: httpx.Client) -> None:
    schemas = client.get("/schema/openapi.json").json()["components"]["schemas"]

    assert schemas["NewProvider"]["properties"]["api_key"]["writeOnly"] is True
    assert schemas["ProviderChange"]["properties"]["api_key"]["writeOnly"] is True
    assert "api_key" not in schemas["ProviderRecord"]["properties"]
