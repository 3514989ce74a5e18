"""A new database with an embedding that knows nothing, and a fake provider, for each test."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.fakes.llm import running_llm_server
from tests.integration.embedding.world import World


@pytest.fixture
def world(database: Database, nats_url: str, namespace: str) -> Iterator[World]:
    """Everything around embedding; the active embedder uses the fake provider."""
    with running_llm_server() as llm:
        made = World(llm, database, nats_url, namespace)
        made.use()
        yield made
