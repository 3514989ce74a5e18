"""Providers as persons make, change and delete them."""

import asyncio
from uuid import uuid4

from services.analysis import queries
from services.analysis.tables import LOCAL_EMBEDDER, LOCAL_EXTRACTOR, LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.analysis import (
    CreateProvider,
    DeleteProvider,
    GetProvider,
    GetProviderAccess,
    ListAgents,
    ListProviders,
    ProviderRecord,
    StartValidation,
    UpdateProvider,
)
from shared.llm import new_encryption_key, seal, unseal
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import (
    a_provider,
    active,
    an_agent,
    commands,
    events,
    refusal,
    rows,
)


def test_new_installation_has_local_and_an_active_agent_of_each_kind_on_it(run: Run) -> None:
    async def scenario() -> None:
        (local,) = await queries.list_providers(ListProviders())
        assert (local.id, local.name, local.type, local.basic_mode) == (
            LOCAL_PROVIDER,
            "local",
            "local",
            True,
        )
        assert (local.base_url, local.has_api_key, local.chat_model) == (None, False, None)
        assert (local.document_model, local.query_model) == ("e5-passage", "e5-query")
        found = await queries.list_agents(ListAgents())
        assert [(each.id, each.kind) for each in found] == [
            (LOCAL_EMBEDDER, "embedder"),
            (LOCAL_EXTRACTOR, "knowledge_extractor"),
            (LOCAL_PROPOSER, "task_proposer"),
        ]
        assert all(each.active and each.provider_id == LOCAL_PROVIDER for each in found)

    run(scenario)


def test_asking_twice_with_one_id_makes_one_provider(run: Run) -> None:
    async def scenario() -> None:
        provider_id = uuid4()
        first = await a_provider(provider_id=provider_id, sealed_key=seal("sk-1"), changed_by="Олена")
        assert await a_provider("Other", provider_id=provider_id) == first
        assert first.validation_status == "pending"
        assert first.has_api_key
        assert await commands("validate_provider_task") == [{"provider_id": str(provider_id)}]
        (event,) = await events("provider_changed")
        assert event["provider"]["name"] == "Ollama"
        assert await rows("SELECT action, changed_by FROM configuration_changes") == [("created", "Олена")]

    run(scenario)


def test_many_who_ask_at_once_make_one_provider(run: Run) -> None:
    async def scenario() -> None:
        provider_id = uuid4()
        made = await asyncio.gather(*(a_provider(provider_id=provider_id) for _ in range(8)))
        assert all(each == made[0] for each in made)
        assert len(await commands("validate_provider_task")) == 1

    run(scenario)


def test_name_is_taken_in_whatever_case(run: Run) -> None:
    async def scenario() -> None:
        await a_provider("Домашня Лама")
        code, field, words = await refusal(a_provider("домашня лама"))
        assert (code, field) == ("conflict", "name")
        assert "'Домашня Лама'" in words
        other = await a_provider("Other")
        rename = UpdateProvider(provider_id=other.id, name="ДОМАШНЯ ЛАМА")
        assert (await refusal(queries.update_provider(rename)))[:2] == ("conflict", "name")
        case = UpdateProvider(provider_id=other.id, name="OTHER")
        assert (await queries.update_provider(case)).name == "OTHER"

    run(scenario)


def test_many_with_one_name_leave_one_provider(run: Run) -> None:
    async def scenario() -> None:
        made = await asyncio.gather(*(a_provider("Same") for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(each, ProviderRecord) for each in made) == 1

    run(scenario)


def test_second_local_provider_is_refused(run: Run) -> None:
    async def scenario() -> None:
        query = CreateProvider(provider_id=uuid4(), name="another", type="local")
        code, _, words = await refusal(queries.create_provider(query))
        assert code == "conflict"
        assert "came with the installation" in words
        delete = queries.delete_provider(DeleteProvider(provider_id=LOCAL_PROVIDER))
        assert (await refusal(delete))[0] == "conflict"

    run(scenario)


def test_change_keeps_what_is_not_given(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider(sealed_key=seal("sk-1"))
        query = UpdateProvider(provider_id=made.id, name="Renamed", changed_by="Олена")
        changed = await queries.update_provider(query)
        assert changed.name == "Renamed"
        assert changed.has_api_key
        assert changed.updated_at > made.updated_at
        assert len(await commands("validate_provider_task")) == 1
        assert (await rows("SELECT fields, changed_by FROM configuration_changes ORDER BY id"))[-1] == (
            ["name"],
            "Олена",
        )
        assert await queries.update_provider(query) == changed
        assert len(await events("provider_changed")) == 2

    run(scenario)


def test_change_of_what_is_called_asks_for_another_validation(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider()
        query = UpdateProvider(provider_id=made.id, sealed_key=seal("sk-2"), timeout_seconds=5)
        assert (await queries.update_provider(query)).validation_status == "pending"
        assert len(await commands("validate_provider_task")) == 2
        fields = await rows("SELECT fields FROM configuration_changes WHERE action = 'changed'")
        assert fields == [(["api_key", "timeout_seconds"],)]

    run(scenario)


def test_model_of_an_active_agent_cannot_be_taken_away(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider()
        await an_agent(made.id, active=True)
        query = UpdateProvider(provider_id=made.id, chat_model=None)
        code, _, words = await refusal(queries.update_provider(query))
        assert code == "conflict"
        assert "'Extractor'" in words
        assert (await queries.find_provider(GetProvider(provider_id=made.id))).chat_model == "llama3"
        await queries.update_provider(UpdateProvider(provider_id=made.id, document_model=None))

    run(scenario)


def test_provider_that_agents_use_is_not_deleted(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider()
        await an_agent(made.id)
        code, _, words = await refusal(queries.delete_provider(DeleteProvider(provider_id=made.id)))
        assert code == "conflict"
        assert "'Extractor'" in words

    run(scenario)


def test_deleting_twice_is_harmless(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider()
        for _ in range(2):
            await queries.delete_provider(DeleteProvider(provider_id=made.id, changed_by="Олена"))
        assert (await refusal(queries.find_provider(GetProvider(provider_id=made.id))))[0] == "not_found"
        gone = [event for event in await events("provider_changed") if event.get("provider") is None]
        assert gone == [{"provider_id": str(made.id)}]

    run(scenario)


def test_provider_that_is_not_there_is_not_found(run: Run) -> None:
    async def scenario() -> None:
        nobody = uuid4()
        for call in (
            queries.find_provider(GetProvider(provider_id=nobody)),
            queries.update_provider(UpdateProvider(provider_id=nobody, name="a")),
            queries.provider_access(GetProviderAccess(provider_id=nobody)),
            queries.start_validation(StartValidation(provider_id=nobody, run_id=uuid4())),
        ):
            assert (await refusal(call))[0] == "not_found"

    run(scenario)


def test_validation_that_is_asked_for_twice_is_sent_once(run: Run) -> None:
    async def scenario() -> None:
        query = StartValidation(provider_id=LOCAL_PROVIDER, run_id=uuid4())
        await asyncio.gather(*(queries.start_validation(query) for _ in range(4)))
        assert len(await commands("validate_provider_task")) == 1
        await queries.start_validation(StartValidation(provider_id=LOCAL_PROVIDER, run_id=uuid4()))
        assert len(await commands("validate_provider_task")) == 2

    run(scenario)


def test_access_has_the_key_sealed(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider(sealed_key=seal("sk-open-sesame"))
        access = await queries.provider_access(GetProviderAccess(provider_id=made.id))
        assert access.sealed_key is not None
        assert unseal(access.sealed_key) == "sk-open-sesame"
        local = await queries.provider_access(GetProviderAccess(provider_id=LOCAL_PROVIDER))
        assert local.sealed_key is None

    run(scenario)


def test_key_that_callers_could_not_open_is_refused(run: Run) -> None:
    from cryptography.fernet import Fernet

    strangers = Fernet(new_encryption_key().encode()).encrypt(b"sk-1").decode()

    async def scenario() -> None:
        code, field, words = await refusal(a_provider(sealed_key=strangers))
        assert (code, field) == ("conflict", "api_key")
        assert "TT_ENCRYPTION_KEYS" in words

    run(scenario)


def test_wishes_are_remembered_and_change_nothing_yet(run: Run) -> None:
    async def scenario() -> None:
        made = await a_provider(activate=["embedder", "knowledge_extractor"])
        assert made.activate == ["embedder", "knowledge_extractor"]
        assert (await active("embedder"))[0].provider_id == LOCAL_PROVIDER

    run(scenario)
