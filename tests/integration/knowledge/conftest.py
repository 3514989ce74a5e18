"""Being knowledge, beside an ingestion that answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from shared.contracts.ingestion import GetMessages
from shared.messaging.queries import serve
from tests.conftest import Database
from tests.integration.bound import bound
from tests.integration.knowledge.people import find_messages

T = TypeVar("T")
Run = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture
def review(database: Database, nats_url: str, namespace: str) -> Run:
    """Run a scenario as knowledge."""

    def run_scenario(scenario: Callable[[], Awaitable[T]]) -> T:
        async def within() -> T:
            async with bound("knowledge", database.url("knowledge"), nats_url, namespace):
                served = await serve("ingestion", {GetMessages.subject: find_messages})
                try:
                    return await scenario()
                finally:
                    await served.stop()

        return asyncio.run(within())

    return run_scenario
