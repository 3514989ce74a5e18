"""The stage of these tests: a database, a namespace and a language model's server a test."""

from collections.abc import Iterator

import pytest

from shared.llm import bind_keys
from tests.conftest import Database
from tests.fakes.llm import LlmServer, running_llm_server
from tests.integration.knowledge.extraction.stage import ENCRYPTION_KEY, Stage
from tests.integration.knowledge.extraction.world import API_KEY, World


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with running_llm_server() as running:
        running.api_key = API_KEY
        yield running


@pytest.fixture
def stage(
    database: Database,
    nats_url: str,
    namespace: str,
    llm: LlmServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    monkeypatch.setenv("TT_SETTLE_SECONDS", "0")
    monkeypatch.setenv("TT_PROVIDER_PAUSE", "0")
    bind_keys(ENCRYPTION_KEY)
    world = World(llm.url)
    world.extracts()
    return Stage(world, llm, database.url("knowledge"), nats_url, namespace)
