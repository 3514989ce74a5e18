"""How much is stored in NATS and in Postgres, and how much may be, so that somebody is told in time."""

import asyncio
from typing import Final

from loguru import logger
from sqlalchemy import text

from services.gateway.keyring import DATABASE_ERRORS
from services.gateway.message_server import NATS_ERRORS, jetstream
from services.gateway.metrics import STORE_BYTES, STORE_LIMIT
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import QueryError
from shared.database.engine import engine

EVERY: Final = 60.0

_DATABASE_SIZE = text("SELECT pg_database_size(current_database())")


async def watch_stores(settings: GatewaySettings) -> None:
    """Measure once a minute until cancelled; while a server is away its figure stays as it was.

    Args:
        settings: With how large the stores may become, where somebody told.
    """
    while True:
        await measure_stores(settings)
        await asyncio.sleep(EVERY)


async def measure_stores(settings: GatewaySettings) -> None:
    """Measure once."""
    if settings.database_limit_bytes is not None:
        STORE_LIMIT.labels("postgres").set(settings.database_limit_bytes)
    await asyncio.gather(_measure_nats(settings.nats_limit_bytes), _measure_postgres())


async def _measure_nats(told: int | None) -> None:
    try:
        account = await (await jetstream()).account_info()
    except (*NATS_ERRORS, QueryError) as error:
        logger.debug("NATS does not say how much it stores: {!r}", error)
        return
    STORE_BYTES.labels("nats").set(account.storage)
    # An account without a limit of its own says -1; the server's own limit is not for its clients to know.
    limit = told if account.limits.max_storage <= 0 else account.limits.max_storage
    if limit is not None:
        STORE_LIMIT.labels("nats").set(limit)


async def _measure_postgres() -> None:
    try:
        async with engine().connect() as database:
            size = (await database.execute(_DATABASE_SIZE)).scalar_one()
    except DATABASE_ERRORS as error:
        logger.debug("Postgres does not say how much it stores: {!r}", error)
        return
    STORE_BYTES.labels("postgres").set(size)
