"""Beginning again when the database chose a transaction as the one to give way."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from loguru import logger
from sqlalchemy.exc import DBAPIError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_TRIES = 3
_GAVE_WAY = {"40P01", "40001"}
"""SQLSTATE of `deadlock_detected` and `serialization_failure`."""


def again_after_deadlock(
    handler: Callable[[Asked], Awaitable[Answer]],
) -> Callable[[Asked], Awaitable[Answer]]:
    """Run a handler of one transaction again when that was rolled back for another one's sake.

    Rows are locked in an order that lets two changes wait for each other, not on each other, but for unique
    names: of two topics that take each other's name at once, one has to begin again, and then finds the name
    taken.
    """

    @wraps(handler)
    async def handle(query: Asked) -> Answer:
        for attempt in range(1, _TRIES + 1):
            try:
                return await handler(query)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _GAVE_WAY or attempt == _TRIES:
                    raise
                logger.info("{} begins again: {!r}", handler.__name__, error.orig)
        raise AssertionError

    return handle
