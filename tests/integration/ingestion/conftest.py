"""What the tests of ingestion share."""

from collections.abc import Iterator

import pytest

from services.ingestion.history.client import bind_client, telethon_client
from shared.sealing import bind_keys, new_encryption_key
from tests.conftest import Database
from tests.fakes.telethon import Telegram
from tests.integration.ingestion.history_stage import CREDENTIALS, HistoryStage


@pytest.fixture
def telegram() -> Telegram:
    """A Telegram in which nothing was said yet."""
    return Telegram()


@pytest.fixture
def history(
    database: Database, nats_url: str, namespace: str, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HistoryStage]:
    """Ingestion with Telegram's credentials."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bind_keys(new_encryption_key())
    bind_client(telegram.client)
    yield HistoryStage(database, nats_url, namespace, telegram)
    bind_client(telethon_client)
    bind_keys("")
