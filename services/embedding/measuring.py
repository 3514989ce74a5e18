"""How much of what is to be found by meaning can be: measured by one replica, for who watches the system."""

import asyncio
import math
from typing import Final

from loguru import logger
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from services.embedding.queries import coverage
from shared.contracts.embedding import GetCoverage, KindCoverage

EVERY: Final = 300.0
"""Seconds; it counts all vectors."""

RATIO: Final = Gauge(
    "tt_embedding_coverage_ratio",
    "Of the items that can be embedded, the share that has a vector in the live space.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
MISSING: Final = Gauge(
    "tt_embedding_missing",
    "Items that have no vector yet, those left out that cannot have one.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
FAILED: Final = Gauge(
    "tt_embedding_failed",
    "Items that could not be embedded.",
    ["kind"],
    multiprocess_mode="mostrecent",
)


async def watch_coverage() -> None:
    """Measure every five minutes until cancelled; then say that nothing is known here any more."""
    measured: set[str] = set()
    try:
        while True:
            try:
                kinds = (await coverage(GetCoverage())).kinds
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                logger.debug("nobody knows how much is embedded: {!r}", error)
            else:
                measured |= {kind.kind for kind in kinds}
                for kind in kinds:
                    _tell(kind)
            await asyncio.sleep(EVERY)
    finally:
        for name in measured:
            for gauge in (RATIO, MISSING, FAILED):
                gauge.labels(name).set(math.nan)


def _tell(kind: KindCoverage) -> None:
    possible = kind.wanted - kind.failed
    RATIO.labels(kind.kind).set(min(1.0, kind.embedded / possible) if possible > 0 else 1.0)
    MISSING.labels(kind.kind).set(max(0, possible - kind.embedded))
    FAILED.labels(kind.kind).set(kind.failed)
