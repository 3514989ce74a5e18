"""Being analysis within a test."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from shared.llm import Patience, bind_llm, close_llm, new_encryption_key
from tests.conftest import Database
from tests.fakes.llm import LlmServer, running_llm_server
from tests.integration.bound import bound

T = TypeVar("T")
Run = Callable[[Callable[[], Awaitable[Any]]], Any]

QUICK = Patience(attempts=2, first_pause=0.01, longest_pause=0.5, place=10.0, total=30.0)


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
