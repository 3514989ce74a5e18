"""Agents as persons make, change, activate and delete them: at most one a kind is active."""

import asyncio
import importlib
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.analysis import queries
from services.analysis.tables import LOCAL_EMBEDDER, LOCAL_EXTRACTOR, LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.analysis import DeleteAgent, GetAgent, ListAgents, ResolveAgent, UpdateAgent
from shared.llm import seal
from shared.messaging.transaction import transaction
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import (
    a_provider,
    active,
    an_agent,
    events,
    refusal,
    rows,
)

NO_MODELS = {"chat_model": None, "document_model": None}


def test_asking_twice_with_one_id_makes_one_agent(run: Run) -> None:
    async def scenario() -> None:
        agent_id = uuid4()
        before = await queries.list_agents(ListAgents())
        first = await an_agent(LOCAL_PROVIDER, agent_id=agent_id, instructions="Глосарій: …")
        assert await an_agent(LOCAL_PROVIDER, "Other", agent_id=agent_id) == first
        assert not first.active
        assert len(await queries.list_agents(ListAgents())) == len(before) + 1
        assert len(await events("agent_changed")) == 1

    run(scenario)


def test_active_agent_takes_the_place_of_the_first_one(run: Run) -> None:
    async def scenario() -> None:
        provider = await a_provider()
        second = await an_agent(provider.id, active=True, changed_by="Олена")
        assert await active("knowledge_extractor") == [second]
        assert (await active("embedder"))[0].id == LOCAL_EMBEDDER
        gone, come = await events("agent_changed")
        assert (gone["agent_id"], gone["agent"].get("active", False)) == (str(LOCAL_EXTRACTOR), False)
        assert (come["agent_id"], come["agent"]["active"]) == (str(second.id), True)
        changes = "SELECT action, fields, changed_by FROM configuration_changes WHERE entity = 'agent'"
        assert await rows(changes) == [("changed", ["active"], "Олена"), ("created", [], "Олена")]
        back = await queries.update_agent(UpdateAgent(agent_id=LOCAL_EXTRACTOR, active=True))
        assert await active("knowledge_extractor") == [back]

    run(scenario)


def test_installation_that_extracts_with_a_model_proposes_with_it_once_it_can(run: Run) -> None:
    third = importlib.import_module("services.analysis.migrations.0003_work")

    async def scenario() -> None:
        provider = await a_provider()
        await queries.update_agent(
            UpdateAgent(agent_id=LOCAL_EXTRACTOR, provider_id=provider.id, model="llama3", language="en")
        )
        async with transaction() as tx:
            await tx.execute(text("DELETE FROM agent_configs WHERE kind = 'task_proposer'"))
            for statement in third.DEFAULTS:
                await tx.execute(text(statement))
        (proposer,) = await active("task_proposer")
        assert (proposer.id, proposer.provider_id, proposer.model, proposer.language) == (
            LOCAL_PROPOSER,
            provider.id,
            "llama3",
            "en",
        )

    run(scenario)


def test_many_that_become_active_at_once_leave_one(run: Run) -> None:
    async def scenario() -> None:
        provider = await a_provider()
        made = [await an_agent(provider.id, f"Agent {number}") for number in range(4)]
        await asyncio.gather(
            *(queries.update_agent(UpdateAgent(agent_id=each.id, active=True)) for each in made),
            *(an_agent(provider.id, f"New {number}", active=True) for number in range(4)),
        )
        assert len(await active("knowledge_extractor")) == 1
        assert len(await active("embedder")) == 1

    run(scenario)


@pytest.mark.parametrize(
    ("name", "kind", "active"),
    [("b", "embedder", True), ("EMBEDDER", "embedder", False), ("b", "cook", False)],
)
def test_tables_themselves_refuse_what_would_be_wrong(run: Run, name: str, kind: str, active: bool) -> None:  # noqa: FBT001
    insert = """
        INSERT INTO agent_configs (id, name, kind, provider_id, active)
        VALUES (gen_random_uuid(), :name, :kind, :provider, :active) RETURNING id
    """

    async def scenario() -> None:
        with pytest.raises(IntegrityError):
            await rows(insert, name=name, kind=kind, provider=LOCAL_PROVIDER, active=active)

    run(scenario)


def test_agent_that_is_refused_leaves_the_active_one_in_place(run: Run) -> None:
    async def scenario() -> None:
        without_models = await a_provider(chat_model=None, document_model=None)
        code, field, words = await refusal(an_agent(without_models.id, active=True))
        assert (code, field) == ("invalid", "model")
        assert "chat_model" in words
        assert [each.id for each in await active("knowledge_extractor")] == [LOCAL_EXTRACTOR]
        assert (await an_agent(without_models.id, active=True, model="llama3")).active

    run(scenario)


def test_kind_may_have_no_active_agent(run: Run) -> None:
    async def scenario() -> None:
        await queries.update_agent(UpdateAgent(agent_id=LOCAL_EXTRACTOR, active=False))
        assert await active("knowledge_extractor") == []
        code, _, words = await refusal(queries.resolve_agent(ResolveAgent(kind="knowledge_extractor")))
        assert (code, words) == ("not_found", "There is no active knowledge_extractor.")

    run(scenario)


def test_active_agent_is_not_deleted_and_others_are_twice(run: Run) -> None:
    async def scenario() -> None:
        code, _, words = await refusal(queries.delete_agent(DeleteAgent(agent_id=LOCAL_EXTRACTOR)))
        assert code == "conflict"
        assert "activate another one" in words
        made = await an_agent(LOCAL_PROVIDER)
        for _ in range(2):
            await queries.delete_agent(DeleteAgent(agent_id=made.id))
        assert (await refusal(queries.find_agent(GetAgent(agent_id=made.id))))[0] == "not_found"
        assert (await events("agent_changed"))[-1] == {"agent_id": str(made.id)}

    run(scenario)


def test_name_is_taken_in_whatever_case(run: Run) -> None:
    async def scenario() -> None:
        assert (await refusal(an_agent(LOCAL_PROVIDER, "knowledge EXTRACTOR")))[:2] == ("conflict", "name")
        made = await an_agent(LOCAL_PROVIDER)
        rename = UpdateAgent(agent_id=made.id, name="Embedder")
        assert (await refusal(queries.update_agent(rename)))[:2] == ("conflict", "name")

    run(scenario)


def test_change_keeps_what_is_not_given_and_tells_what_changed(run: Run) -> None:
    async def scenario() -> None:
        made = await an_agent(LOCAL_PROVIDER, instructions="Пиши стисло", max_cost_per_run=2.5)
        query = UpdateAgent(agent_id=made.id, language="en", temperature=0.5)
        changed = await queries.update_agent(query)
        assert (changed.language, changed.temperature, changed.instructions) == ("en", 0.5, "Пиши стисло")
        assert changed.max_cost_per_run == 2.5
        assert await queries.update_agent(query) == changed
        fields = await rows("SELECT fields FROM configuration_changes WHERE action = 'changed'")
        assert fields == [(["language", "temperature"],)]

    run(scenario)


def test_what_does_not_fit_is_named(run: Run) -> None:
    async def scenario() -> None:
        made = await an_agent(LOCAL_PROVIDER)
        for query, field in (
            (UpdateAgent(agent_id=made.id, provider_id=uuid4()), "provider_id"),
            (UpdateAgent(agent_id=made.id, name="a\x00"), "name"),
            (UpdateAgent(agent_id=made.id, model="\t"), "model"),
            (UpdateAgent(agent_id=made.id, instructions="a\x00"), "instructions"),
        ):
            assert (await refusal(queries.update_agent(query)))[:2] == ("invalid", field)
        nobody = UpdateAgent(agent_id=uuid4(), name="a")
        assert (await refusal(queries.update_agent(nobody)))[0] == "not_found"

    run(scenario)


def test_agent_with_a_model_of_its_own_is_resolved_with_what_that_costs(run: Run) -> None:
    async def scenario() -> None:
        provider = await a_provider("OpenAI", type="openai", sealed_key=seal("sk-1"), **NO_MODELS)
        made = await an_agent(provider.id, model="gpt-4.1")
        prices = (await queries.resolve_agent(ResolveAgent(agent_id=made.id))).access.provider.prices
        assert (prices.input, prices.output, prices.embedding) == (2.0, 8.0, provider.prices.embedding)

    run(scenario)


def test_agent_is_resolved_by_id_or_kind_with_its_provider_and_sealed_key(run: Run) -> None:
    async def scenario() -> None:
        provider = await a_provider(sealed_key=seal("sk-1"))
        made = await an_agent(provider.id)
        by_id = await queries.resolve_agent(ResolveAgent(agent_id=made.id))
        assert (by_id.agent, by_id.access.provider) == (made, provider)
        assert by_id.access.sealed_key
        by_kind = await queries.resolve_agent(ResolveAgent(kind="embedder"))
        assert (by_kind.agent.id, by_kind.access.provider.id) == (LOCAL_EMBEDDER, LOCAL_PROVIDER)
        assert (await refusal(queries.resolve_agent(ResolveAgent())))[:2] == ("invalid", "kind")
        assert (await refusal(queries.resolve_agent(ResolveAgent(agent_id=uuid4()))))[0] == "not_found"

    run(scenario)
