"""The client of Telegram's API, and how the service gets it.

One account is used by one client at a time: see `turns`.
"""

import ipaddress
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from loguru import logger
from opentelemetry.trace import SpanKind
from telethon import TelegramClient
from telethon.sessions import StringSession

from services.ingestion.history.failures import AWAY, FLOOD
from services.ingestion.settings import IngestionSettings
from shared.contracts.errors import QueryError
from shared.service import read_settings
from shared.telemetry import span_within

NOT_CONFIGURED = (
    "This installation has no Telegram credentials. Get api_id and api_hash at https://my.telegram.org, set "
    "TT_TELEGRAM_API_ID and TT_TELEGRAM_API_HASH for the service ingestion, and start it again."
)
_TRIES = 3
_TIMEOUT = 10

Factory = Callable[[StringSession, int, str], TelegramClient]
"""Makes a client that is not connected yet, of a session, an api_id and an api_hash."""


def telethon_client(session: StringSession, api_id: int, api_hash: str) -> TelegramClient:
    """A client that waits for nothing by itself: waiting is the job's affair, where people can see it."""
    return TelegramClient(
        session,
        api_id,
        api_hash,
        timeout=_TIMEOUT,
        request_retries=_TRIES,
        connection_retries=_TRIES,
        retry_delay=1,
        flood_sleep_threshold=0,
        raise_last_call_error=True,
        receive_updates=False,
        device_model="Task Tracker",
        system_version="history",
        app_version="1",
    )


_factory: Factory = telethon_client


def bind_client(factory: Factory) -> None:
    """Say how this process makes its clients."""
    global _factory  # noqa: PLW0603 - one way a process, chosen at its start
    _factory = factory


def is_configured() -> bool:
    """Whether there are credentials."""
    return read_settings(IngestionSettings).telegram_api_id is not None


def need_credentials() -> None:
    """Refuse where there are none.

    Raises:
        QueryError: `conflict`, saying what to set.
    """
    if not is_configured():
        raise QueryError("conflict", NOT_CONFIGURED)


@asynccontextmanager
async def connected(session: str) -> AsyncIterator[TelegramClient]:
    """A connected client, closed at the end.

    Args:
        session: As Telethon's `StringSession` writes it; empty for a new one.

    Raises:
        QueryError: `conflict` without credentials.
        Exception: Telethon's, as `failures` sorts them.
    """
    need_credentials()
    settings = read_settings(IngestionSettings)
    client = _factory(StringSession(session), settings.telegram_api_id or 0, settings.telegram_api_hash)
    try:
        await client.connect()
        yield client
    finally:
        try:
            await client.disconnect()
        except AWAY as error:
            logger.debug("a client did not part in good order: {!r}", error)


async def ask_telegram(client: TelegramClient, request: Any) -> Any:
    """Telegram's answer to a request; its span says which kind of request, and nothing that is in it.

    Raises:
        Exception: Telethon's, as `failures` sorts them.
    """
    kind = type(request).__name__
    attributes = {"rpc.system.name": "mtproto", "rpc.method": kind}
    with span_within(
        f"telegram {kind}", SpanKind.CLIENT, attributes, doing=f"asking Telegram for {kind}"
    ) as span:
        try:
            return await client(request)
        except FLOOD as error:
            span.set_attribute("telegram.flood_wait_s", error.seconds)
            raise


def read_session(text: str) -> str:
    """A session string that a person gave, cleaned.

    Raises:
        QueryError: `invalid`, when it is none, or leads elsewhere than to a public address.
    """
    cleaned = "".join(text.split())
    try:
        session = StringSession(cleaned)
        address = ipaddress.ip_address(session.server_address)
    except Exception as error:
        raise _no_session() from error
    if session.auth_key is None or not address.is_global:
        raise _no_session()
    return cleaned


def _no_session() -> QueryError:
    message = (
        "This is no session string of Telethon's (StringSession): some 350 characters that begin with 1."
    )
    return QueryError("invalid", message, field="session")
