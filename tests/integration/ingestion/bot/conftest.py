"""Ingestion beside a Telegram of the test's own."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.fakes.bot_api import BotApiServer, running_bot_api
from tests.integration.bound import bound
from tests.integration.ingestion.bot.stage import Scenario, Within, encryption


@pytest.fixture
def telegram() -> Iterator[BotApiServer]:
    with running_bot_api() as server:
        yield server


@pytest.fixture
def within(
    database: Database,
    nats_url: str,
    namespace: str,
    telegram: BotApiServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Within:
    """Be ingestion, beside this Telegram."""
    monkeypatch.setenv("TT_TELEGRAM_API_URL", telegram.url)

    def run(scenario: Scenario) -> object:
        async def inside() -> object:
            async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
                return await scenario()

        with encryption():
            return asyncio.run(inside())

    return run
