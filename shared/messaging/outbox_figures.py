"""How much waits in a schema's outbox, and for how long: told also while nobody sends."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from loguru import logger
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from shared.database.engine import engine
from shared.messaging.outbox import backlog

EVERY: Final = 10.0

WAITING = Gauge(
    "tt_outbox_waiting",
    "Rows of the outbox that were not sent yet.",
    ["schema"],
    multiprocess_mode="mostrecent",
)
OLDEST = Gauge(
    "tt_outbox_oldest_seconds",
    "Age of the oldest row of the outbox that was not sent yet; 0 when there is none.",
    ["schema"],
    multiprocess_mode="mostrecent",
)


async def watch_outbox(schema: str) -> None:
    """Measure every ten seconds until cancelled; while Postgres is away the figures stay as they were."""
    while True:
        try:
            async with engine().connect() as database:
                waiting, since = await backlog(database)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            logger.debug("the outbox of {} cannot be looked at now: {!r}", schema, error)
        else:
            WAITING.labels(schema).set(waiting)
            OLDEST.labels(schema).set(0.0 if since is None else (datetime.now(UTC) - since).total_seconds())
        await asyncio.sleep(EVERY)
