"""Being analysis within a test."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from shared.llm.keys import bind_keys, new_encryption_key
from tests.conftest import Database
from tests.integration.bound import bound

T = TypeVar("T")
Run = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture
def encryption_key() -> str:
    """What keys are sealed with in this test."""
    key = new_encryption_key()
    bind_keys(key)
    return key


@pytest.fixture
def run(database: Database, nats_url: str, namespace: str, encryption_key: str) -> Run:
    """Be analysis, on a database of the test's own."""
    del encryption_key

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with bound("analysis", database.url("analysis"), nats_url, namespace):
                return await scenario()

        return asyncio.run(within())

    return run_scenario
