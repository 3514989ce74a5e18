"""Being analysis within a test: one database for all, before each as a new installation has it."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import asyncpg
import pytest

from shared.llm import Patience, bind_llm, close_llm, new_encryption_key
from tests.conftest import Database, make_database
from tests.fakes.llm import LlmServer, running_llm_server
from tests.integration.analysis.experimenting import InChat
from tests.integration.analysis.labelled_chat import LabelledChat
from tests.integration.analysis.proposing import Beside, Others
from tests.integration.analysis.spoken_chat import SpokenChat
from tests.integration.bound import bound

T = TypeVar("T")
Run = Callable[[Callable[[], Awaitable[Any]]], Any]

_TABLES = (
    "outbox",
    "llm_usage",
    "llm_answers",
    "configuration_changes",
    "agent_configs",
    "llm_providers",
    "project_configs",
    "task_configs",
    "experiment_snapshots",
    "bulk_reviews",
)
"""With CASCADE also those that refer to them: runs, proposals, experiments and their parts."""

QUICK = Patience(attempts=2, first_pause=0.01, longest_pause=0.5, place=10.0, total=30.0)


@pytest.fixture(scope="session")
def analysis_database(postgres_url: str) -> Database:
    """A database for all tests of analysis."""
    return make_database(postgres_url)


@pytest.fixture
def database(analysis_database: Database) -> Database:
    """The database, with what the migrations have put into it and nothing else."""

    async def renew() -> None:
        connection = await asyncpg.connect(analysis_database.url("analysis"))
        try:
            await connection.execute(f"TRUNCATE {', '.join(_TABLES)} CASCADE")
            first = importlib.import_module("services.analysis.migrations.0001_providers")
            second = importlib.import_module("services.analysis.migrations.0002_agent_names")
            third = importlib.import_module("services.analysis.migrations.0003_work")
            for statement in (*first.DEFAULTS, *second.RENAMES, *third.DEFAULTS):
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(renew())
    return analysis_database


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    """A provider's server."""
    with running_llm_server() as server:
        yield server


@pytest.fixture
def encryption_key() -> str:
    """What keys are sealed with in this test."""
    return new_encryption_key()


@pytest.fixture
def run(database: Database, nats_url: str, namespace: str, encryption_key: str, llm: LlmServer) -> Run:
    """Be analysis, on a database of the test's own; the local embedding server is the provider's too."""

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with bound("analysis", database.url("analysis"), nats_url, namespace):
                try:
                    return await scenario()
                finally:
                    await close_llm()

        bind_llm(
            encryption_keys=encryption_key,
            local_embeddings_url=llm.url,
            nats_url=nats_url,
            namespace=namespace,
            patience=QUICK,
        )
        return asyncio.run(within())

    return run_scenario


@pytest.fixture
def chat() -> LabelledChat:
    """What the other services know of the chat."""
    return LabelledChat()


@pytest.fixture
def in_chat(run: Run, chat: LabelledChat, monkeypatch: pytest.MonkeyPatch) -> InChat:
    """Run a scenario as analysis, beside the services that know the chat."""
    monkeypatch.setenv("TT_PROVIDER_PAUSE", "0")

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with chat.answering():
                return await scenario()

        answer: T = run(within)
        return answer

    return run_scenario


@pytest.fixture
def talk() -> SpokenChat:
    """What the other services know of the chat that runs read."""
    return SpokenChat()


@pytest.fixture
def in_talk(run: Run, talk: SpokenChat, monkeypatch: pytest.MonkeyPatch) -> InChat:
    """Run a scenario as analysis, beside the services that know the chat that runs read."""
    monkeypatch.setenv("TT_PROVIDER_PAUSE", "0")

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with talk.answering():
                return await scenario()

        answer: T = run(within)
        return answer

    return run_scenario


@pytest.fixture
def others() -> Others:
    """What knowledge and embedding answer while a batch is proposed from."""
    return Others()


@pytest.fixture
def beside(run: Run, others: Others) -> Beside:
    """Run a scenario as analysis, beside knowledge and embedding."""

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with others.answering():
                return await scenario()

        answer: T = run(within)
        return answer

    return run_scenario
