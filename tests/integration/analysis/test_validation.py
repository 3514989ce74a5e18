"""Validation: every way in which a provider may do well or badly, and what follows from it."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.analysis import queries
from services.analysis.actors import validate_provider_task, validate_waiting_providers_task
from services.analysis.repository.configuration import lock_configuration
from services.analysis.tables import LOCAL_EMBEDDER, LOCAL_EXTRACTOR, LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.analysis import (
    AgentKind,
    CreateProvider,
    DeleteAgent,
    DeleteProvider,
    GetProvider,
    ListModels,
    ProviderRecord,
    UpdateAgent,
    UpdateProvider,
)
from shared.llm import seal
from shared.messaging.transaction import transaction
from shared.service import FinalFailure
from tests.fakes.llm import Fails, Garbage, Hangs, LlmServer, Says, quota_exhausted
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import active, an_agent, commands, events, refusal, rows

KEY = "sk-open-sesame-0123456789"


async def made(llm: LlmServer, **given: Any) -> UUID:
    """A provider on the server, not tried yet."""
    defaults: dict[str, Any] = {
        "provider_id": uuid4(),
        "name": "Home",
        "type": "openai",
        "base_url": llm.url,
        "chat_model": "chat-model",
        "document_model": "embedding-model",
    }
    return (await queries.create_provider(CreateProvider(**(defaults | given)))).id


async def validated(provider_id: UUID) -> ProviderRecord:
    """The provider after it was tried."""
    await validate_provider_task(provider_id=provider_id)
    return await queries.find_provider(GetProvider(provider_id=provider_id))


async def until_asked(llm: LlmServer) -> None:
    """Wait until a question has come to the server."""
    async with asyncio.timeout(20):
        while not llm.chat.requests:  # noqa: ASYNC110 - the server is a thread, and knows no events of ours
            await asyncio.sleep(0.01)


async def failure(llm: LlmServer, **given: Any) -> str:
    """What is said of a provider that cannot be connected."""
    record = await validated(await made(llm, **given))
    assert record.validation_status == "error"
    assert record.validation_error
    assert record.validated_at is not None
    return record.validation_error


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port where nothing listens, for as long as the test lasts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_provider_that_answers_is_connected(run: Run, llm: LlmServer) -> None:
    llm.api_key = KEY

    async def scenario() -> None:
        provider_id = await made(llm, sealed_key=seal(KEY))
        result = await validate_provider_task(provider_id=provider_id)
        assert result == {"status": "connected", "error": None, "dimension": 64}
        record = await queries.find_provider(GetProvider(provider_id=provider_id))
        assert (record.validation_status, record.validation_error) == ("connected", None)
        assert (record.dimension, record.validated_at is not None) == (64, True)
        states = [event["provider"]["validation_status"] for event in await events("provider_changed")]
        assert states == ["pending", "validating", "connected"]

    run(scenario)
    assert [request.model for request in llm.chat.requests] == ["chat-model"]
    assert {request.key for request in [*llm.chat.requests, *llm.embeddings.requests]} == {KEY}


def test_second_delivery_finds_the_same(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        provider_id = await made(llm)
        first, second = await validated(provider_id), await validated(provider_id)
        assert (first.validation_status, first.dimension) == (second.validation_status, second.dimension)
        await asyncio.gather(*(validate_provider_task(provider_id=provider_id) for _ in range(3)))
        assert (await validated(provider_id)).validation_status == "connected"

    run(scenario)


def test_trial_is_accounted_for(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        provider_id = await made(llm)
        await validate_provider_task(provider_id=provider_id)
        recorded = [call for command in await commands("record_llm_calls_task") for call in command["calls"]]
        assert {call["kind"] for call in recorded} == {"chat", "embedding"}
        assert {call["provider_id"] for call in recorded} == {str(provider_id)}

    run(scenario)


def test_wrong_key_is_said(run: Run, llm: LlmServer) -> None:
    llm.api_key = KEY

    async def scenario() -> None:
        words = await failure(llm, sealed_key=seal("sk-wrong-9876543210"))
        assert "401" in words
        assert "valid API key" in words
        assert "sk-wrong" not in words
        assert "Give the provider an API key" in await failure(llm, name="Keyless")

    run(scenario)


def test_server_that_is_not_there_is_said(run: Run, llm: LlmServer, closed_port: int) -> None:
    async def scenario() -> None:
        refused = await failure(llm, base_url=f"http://127.0.0.1:{closed_port}")
        assert f"Nothing listens at 127.0.0.1:{closed_port}" in refused
        unknown = await failure(llm, name="b", base_url="http://no-such-host.invalid/v1")
        assert "no-such-host.invalid is not known (DNS)" in unknown
        tls = await failure(llm, name="c", base_url=llm.url.replace("http:", "https:"))
        assert "http:// rather than https://" in tls

    run(scenario)


def test_name_that_leads_to_a_forbidden_address_is_refused(
    run: Run, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leads_there(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]

    async def scenario() -> None:
        provider_id = await made(llm, base_url="http://models.example.com/v1")
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", leads_there)
            record = await validated(provider_id)
        assert "link-local" in (record.validation_error or "")

    run(scenario)


def test_server_that_hangs_is_given_up(run: Run, llm: LlmServer) -> None:
    llm.chat.always(Hangs())

    async def scenario() -> None:
        words = await failure(llm, timeout_seconds=1.0)
        assert "Raise timeout_seconds" in words

    run(scenario)


@pytest.mark.parametrize(
    ("reaction", "words"),
    [
        (Fails(503, "Overloaded."), "validate it again"),
        (quota_exhausted(), "quota"),
        (Garbage(), "is its address right"),
        (Says("no JSON at all"), "form"),
    ],
)
def test_chat_that_fails_is_said(run: Run, llm: LlmServer, reaction: Any, words: str) -> None:
    llm.chat.always(reaction)

    async def scenario() -> None:
        assert words in await failure(llm)

    run(scenario)


def test_model_that_is_not_there_is_named_with_near_ones(run: Run, llm: LlmServer) -> None:
    llm.models = ["bge-m3", "llama3.1:8b", "qwen3:14b"]

    async def scenario() -> None:
        chat = await failure(llm, chat_model="lama3.1", document_model="bge-m3")
        assert "no model 'lama3.1'; near it are: llama3.1:8b" in chat
        assert "Correct chat_model" in chat
        vectors = await failure(llm, name="b", chat_model="qwen3:14b", document_model="bgem3")
        assert "no model 'bgem3'; near it are: bge-m3" in vectors
        assert "Correct document_model" in vectors

    run(scenario)


def test_server_without_embeddings_is_for_chat_alone(run: Run, llm: LlmServer) -> None:
    llm.embeddings.always(Fails(404, "There is no /v1/embeddings."))

    async def scenario() -> None:
        provider_id = await made(llm)
        words = (await validated(provider_id)).validation_error or ""
        assert "set it to null to use the provider for chat alone" in words
        await queries.update_provider(UpdateProvider(provider_id=provider_id, document_model=None))
        record = await validated(provider_id)
        assert (record.validation_status, record.dimension) == ("connected", None)

    run(scenario)


def test_models_that_nobody_named_are_chosen(run: Run, llm: LlmServer) -> None:
    llm.models = ["bge-m3:latest", "llama3.2:3b", "qwen3:14b"]

    async def scenario() -> None:
        record = await validated(await made(llm, type="ollama", chat_model=None, document_model=None))
        assert record.validation_status == "connected"
        assert (record.chat_model, record.document_model) == ("qwen3:14b", "bge-m3:latest")
        assert record.query_model == "bge-m3:latest"

    run(scenario)


def test_agents_use_the_provider_once_it_is_connected(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        await queries.update_agent(UpdateAgent(agent_id=LOCAL_EXTRACTOR, model="local"))
        first_agents: dict[AgentKind, UUID] = {
            "embedder": LOCAL_EMBEDDER,
            "knowledge_extractor": LOCAL_EXTRACTOR,
            "task_proposer": LOCAL_PROPOSER,
        }
        provider_id = await made(llm, activate=list(first_agents))
        record = await validated(provider_id)
        assert (record.validation_status, record.activate) == ("connected", [])
        for kind, agent_id in first_agents.items():
            (agent,) = await active(kind)
            assert (agent.id, agent.provider_id, agent.model) == (agent_id, provider_id, None)
        changed = [event["agent"]["id"] for event in await events("agent_changed")][-3:]
        assert set(changed) == {str(agent_id) for agent_id in first_agents.values()}
        before = len(await events("agent_changed"))
        await validate_provider_task(provider_id=provider_id)
        assert len(await events("agent_changed")) == before

    run(scenario)


def test_nothing_is_activated_when_validation_fails_and_all_is_once_it_goes_well(
    run: Run, llm: LlmServer
) -> None:
    llm.chat.always(Fails(401, "No."))

    async def scenario() -> None:
        provider_id = await made(llm, activate=["knowledge_extractor"])
        record = await validated(provider_id)
        assert (record.validation_status, record.activate) == ("error", ["knowledge_extractor"])
        assert (await active("knowledge_extractor"))[0].provider_id == LOCAL_PROVIDER
        llm.chat.always(None)
        assert (await validated(provider_id)).validation_status == "connected"
        assert (await active("knowledge_extractor"))[0].provider_id == provider_id

    run(scenario)


def test_kind_without_an_active_agent_gets_one(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        await queries.update_agent(UpdateAgent(agent_id=LOCAL_EXTRACTOR, active=False))
        await queries.update_agent(UpdateAgent(agent_id=LOCAL_EMBEDDER, active=False))
        await queries.delete_agent(DeleteAgent(agent_id=LOCAL_EMBEDDER))
        provider_id = await made(llm, activate=["embedder", "knowledge_extractor"])
        await validate_provider_task(provider_id=provider_id)
        (extractor,), (embedder,) = await active("knowledge_extractor"), await active("embedder")
        assert (extractor.id, extractor.provider_id) == (LOCAL_EXTRACTOR, provider_id)
        assert embedder.provider_id == provider_id

    run(scenario)


def test_outcome_of_what_was_changed_meanwhile_is_not_kept(run: Run, llm: LlmServer) -> None:
    llm.chat.always(Says({"works": True}, after=0.3))

    async def scenario() -> None:
        provider_id = await made(llm, activate=["knowledge_extractor"])
        running = asyncio.create_task(validate_provider_task(provider_id=provider_id))
        await until_asked(llm)
        await queries.update_provider(UpdateProvider(provider_id=provider_id, chat_model="another"))
        assert (await running)["status"] == "outdated"
        record = await queries.find_provider(GetProvider(provider_id=provider_id))
        assert record.validation_status == "pending"
        assert (await active("knowledge_extractor"))[0].provider_id == LOCAL_PROVIDER

    run(scenario)


def test_outcome_of_what_was_deleted_meanwhile_is_not_kept(run: Run, llm: LlmServer) -> None:
    llm.chat.always(Says({"works": True}, after=0.3))

    async def scenario() -> None:
        provider_id = await made(llm)
        running = asyncio.create_task(validate_provider_task(provider_id=provider_id))
        await until_asked(llm)
        await queries.delete_provider(DeleteProvider(provider_id=provider_id))
        assert (await running)["status"] == "outdated"
        with pytest.raises(FinalFailure, match="no provider"):
            await validate_provider_task(provider_id=provider_id)

    run(scenario)


def test_no_transaction_is_open_while_a_provider_is_tried(run: Run, llm: LlmServer) -> None:
    llm.chat.always(Hangs())

    async def scenario() -> None:
        provider_id = await made(llm, timeout_seconds=1.0)
        running = asyncio.create_task(validate_provider_task(provider_id=provider_id))
        await until_asked(llm)
        async with transaction() as tx:
            await lock_configuration(tx)
        assert not running.done()
        await running

    run(scenario)


def test_local_is_tried_at_the_local_server(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        record = await validated(LOCAL_PROVIDER)
        assert (record.validation_status, record.dimension) == ("connected", 64)
        llm.embeddings.always(Fails(500, "No model."))
        record = await validated(LOCAL_PROVIDER)
        assert record.validation_status == "error"
        assert "TT_LOCAL_EMBEDDINGS_URL" in (record.validation_error or "")

    run(scenario)
    assert [request.model for request in llm.embeddings.requests][:2] == ["e5-passage", "e5-query"]


def test_providers_that_wait_are_validated_by_themselves(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        assert await validate_waiting_providers_task() == 1
        assert await commands("validate_provider_task") == [{"provider_id": str(LOCAL_PROVIDER)}]
        await validated(LOCAL_PROVIDER)
        assert await validate_waiting_providers_task() == 0
        llm.embeddings.always(Fails(500, "No model."))
        await validated(LOCAL_PROVIDER)
        assert await validate_waiting_providers_task() == 1
        provider_id = await made(llm)
        await rows_changed("validation_status = 'validating', validation_began_at = now()", provider_id)
        assert await validate_waiting_providers_task() == 1
        await rows_changed("validation_began_at = now() - interval '2 hours'", provider_id)
        assert await validate_waiting_providers_task() == 2

    run(scenario)


async def rows_changed(values: str, provider_id: UUID) -> None:
    await rows(f"UPDATE llm_providers SET {values} WHERE id = :id RETURNING id", id=provider_id)  # noqa: S608


def test_models_are_asked_of_the_provider(run: Run, llm: LlmServer, closed_port: int) -> None:
    llm.models = ["b", "a"]
    llm.api_key = KEY

    async def scenario() -> None:
        keyed, keyless = await made(llm, sealed_key=seal(KEY)), await made(llm, name="b")
        away = await made(llm, name="c", base_url=f"http://127.0.0.1:{closed_port}")
        assert (await queries.list_models(ListModels(provider_id=keyed))).models == ["a", "b"]
        assert (await refusal(queries.list_models(ListModels(provider_id=keyless))))[0] == "conflict"
        assert (await refusal(queries.list_models(ListModels(provider_id=away))))[0] == "unavailable"
        assert (await refusal(queries.list_models(ListModels(provider_id=uuid4()))))[0] == "not_found"

    run(scenario)


def test_agent_may_be_activated_by_hand_meanwhile(run: Run, llm: LlmServer) -> None:
    async def scenario() -> None:
        provider_id = await made(llm, activate=["knowledge_extractor"])
        agent = await an_agent(provider_id, active=True)
        await validate_provider_task(provider_id=provider_id)
        assert await active("knowledge_extractor") == [agent]

    run(scenario)
