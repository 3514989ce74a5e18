"""API keys: sealed wherever they lie, never said, sealed anew when the encryption keys change."""

import asyncio
import logging
from uuid import uuid4

import asyncpg
import pytest
from loguru import logger
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.analysis import queries
from services.analysis.actors import reseal_provider_keys_task, validate_provider_task
from services.analysis.resealing import is_sealed_with_newest, reseal_keys
from shared.contracts.analysis import GetProvider, GetProviderAccess, ListProviders, UpdateProvider
from shared.llm import bind_keys, new_encryption_key, seal, unseal
from tests.conftest import Database
from tests.fakes.llm import LlmServer, wrong_key
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import a_provider, events, rows

SECRET = "sk-open-sesame-0123456789"
"""Searched for wherever something is kept or said."""


async def everything(database: Database) -> str:
    """Every row of every schema, as text."""
    connection = await asyncpg.connect(database.admin_url, database=database.name)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = [await connection.fetch(f"SELECT * FROM {table['name']}") for table in tables]  # noqa: S608
    finally:
        await connection.close()
    return str([[dict(row) for row in each] for each in found])


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Every span of the test."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    made = provider.get_tracer("test")
    for module in ("shared.messaging.attempts", "shared.telemetry.within"):
        monkeypatch.setattr(f"{module}.tracer", lambda: made)
    return exporter


def test_key_is_nowhere_in_plain_text(
    run: Run,
    llm: LlmServer,
    database: Database,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[str] = []
    sink = logger.add(
        lambda message: said.append(str(message)), level="TRACE", format="{message}\n{exception}"
    )
    caplog.set_level(logging.DEBUG)
    llm.api_key = SECRET
    llm.chat.then(wrong_key(SECRET))  # some servers quote the key that they refuse

    async def scenario() -> None:
        made = await a_provider(type="openai", base_url=llm.url, sealed_key=seal(SECRET))
        said.append(str(await validate_provider_task(provider_id=made.id)))
        said.append(str(await validate_provider_task(provider_id=made.id)))
        said.append(str(await queries.update_provider(UpdateProvider(provider_id=made.id, name="b"))))
        said.append(str(await queries.list_providers(ListProviders())))
        said.append(str(await queries.provider_access(GetProviderAccess(provider_id=made.id))))
        record = await queries.find_provider(GetProvider(provider_id=made.id))
        assert record.validation_status == "connected"
        kept = await everything(database)
        assert "Ollama" in kept
        assert "record_llm_calls_task" in kept
        said.append(kept)

    try:
        run(scenario)
    finally:
        logger.remove(sink)
    assert {request.key for request in llm.chat.requests} == {SECRET}
    finished = spans.get_finished_spans()
    assert finished
    said += [span.to_json() for span in finished] + [caplog.text]
    assert not any(SECRET in each for each in said)
    assert not trace.get_current_span().is_recording()


def test_rotation_seals_anew_what_needs_it_and_nothing_else(run: Run, encryption_key: str) -> None:
    newest = new_encryption_key()
    keys = f"{newest},{encryption_key}"

    async def scenario() -> None:
        made = [await a_provider(f"P{number}", sealed_key=seal(f"sk-{number}")) for number in range(3)]
        await a_provider("without a key")
        assert await reseal_keys(encryption_key) == {"resealed": 0, "kept": 3, "lost": 0}
        bind_keys(keys)
        await queries.update_provider(UpdateProvider(provider_id=made[2].id, sealed_key=seal("sk-new")))
        before = len(await events("provider_changed"))
        assert await reseal_keys(keys) == {"resealed": 2, "kept": 1, "lost": 0}
        assert len(await events("provider_changed")) == before + 2
        sealed = await rows("SELECT name, sealed_key FROM llm_providers WHERE sealed_key IS NOT NULL")
        assert await reseal_keys(f" , {keys}") == {"resealed": 0, "kept": 3, "lost": 0}
        assert await rows("SELECT name, sealed_key FROM llm_providers WHERE sealed_key IS NOT NULL") == sealed
        bind_keys(newest)
        assert {name: unseal(key) for name, key in sealed} == {"P0": "sk-0", "P1": "sk-1", "P2": "sk-new"}

    run(scenario)


def test_key_that_cannot_be_opened_is_said_with_what_to_do(run: Run) -> None:
    other = new_encryption_key()

    async def scenario() -> None:
        made = await a_provider(sealed_key=seal("sk-1"))
        bind_keys(other)
        for _ in range(2):
            assert await reseal_keys(other) == {"resealed": 0, "kept": 0, "lost": 1}
        record = await queries.find_provider(GetProvider(provider_id=made.id))
        assert record.validation_status == "error"
        assert "TT_ENCRYPTION_KEYS" in (record.validation_error or "")
        assert len(await events("provider_changed")) == 2
        await validate_provider_task(provider_id=made.id)
        record = await queries.find_provider(GetProvider(provider_id=made.id))
        assert record.validation_status == "error"

    run(scenario)


def test_key_that_can_be_opened_again_has_its_provider_tried_again(run: Run, encryption_key: str) -> None:
    other = new_encryption_key()
    keys = f"{other},{encryption_key}"

    async def scenario() -> None:
        made = await a_provider(sealed_key=seal("sk-1"))
        bind_keys(other)
        await reseal_keys(other)
        bind_keys(keys)
        assert await reseal_keys(keys) == {"resealed": 1, "kept": 0, "lost": 0}
        record = await queries.find_provider(GetProvider(provider_id=made.id))
        assert (record.validation_status, record.validation_error) == ("pending", None)

    run(scenario)


def test_key_that_is_given_meanwhile_is_not_replaced(run: Run, encryption_key: str) -> None:
    newest = new_encryption_key()
    keys = f"{newest},{encryption_key}"

    async def scenario() -> None:
        made = await a_provider(sealed_key=seal("sk-old"))
        bind_keys(keys)
        await asyncio.gather(
            reseal_keys(keys),
            queries.update_provider(UpdateProvider(provider_id=made.id, sealed_key=seal("sk-new"))),
            reseal_keys(keys),
        )
        await reseal_keys(keys)
        ((sealed,),) = await rows("SELECT sealed_key FROM llm_providers WHERE id = :id", id=made.id)
        assert unseal(sealed) == "sk-new"
        assert is_sealed_with_newest(sealed, keys)

    run(scenario)


def test_actor_takes_the_keys_of_the_environment(
    run: Run, encryption_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = new_encryption_key()
    monkeypatch.setenv("TT_ENCRYPTION_KEYS", f"{newest},{encryption_key}")

    async def scenario() -> None:
        await a_provider(sealed_key=seal("sk-1"), provider_id=uuid4())
        bind_keys(f"{newest},{encryption_key}")
        assert await reseal_provider_keys_task() == {"resealed": 1, "kept": 0, "lost": 0}
        assert await reseal_provider_keys_task() == {"resealed": 0, "kept": 1, "lost": 0}

    run(scenario)
