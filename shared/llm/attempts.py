"""Attempts: one request made again and again while the provider is not able to answer, within bounds."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from loguru import logger

from shared.contracts.analysis import ProviderRecord
from shared.llm.binding import Patience
from shared.llm.errors import ProviderUnavailableError
from shared.llm.failures import TransientError
from shared.llm.metrics import RETRIES
from shared.llm.places import places
from shared.llm.spans import note_retry
from shared.llm.usage import Usage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent(Generic[T]):
    """What came of a request, and how many it took."""

    result: T
    attempts: int


async def persevere(
    send: Callable[[], Awaitable[T]],
    provider: ProviderRecord,
    patience: Patience,
    *,
    urgent: bool = False,
) -> Sent[T]:
    """Make a request, and again with growing pauses while it fails in a way that may pass.

    Each request holds one of the provider's places and has the provider's time limit; all together have the
    patience's.

    Args:
        send: Makes the request once; raises `TransientError` when it is worth another try.
        provider: Whose places and time limit.
        patience: The bounds.
        urgent: Somebody waits for it.

    Raises:
        ProviderUnavailableError: When all tries failed, or the time is over.
    """
    total = max(patience.total, provider.timeout_seconds + patience.place)
    made = 0
    try:
        async with asyncio.timeout(total):
            while True:
                made += 1
                try:
                    async with places().place(provider, wait=patience.place, urgent=urgent):
                        return Sent(await _within(provider.timeout_seconds, send), made)
                except TransientError as error:
                    await asyncio.sleep(_pause_after(error, made, provider, patience))
    except TimeoutError:
        raise ProviderUnavailableError(
            f"{provider.name} did not answer within {total:g} s, in {made} attempts.",
            usage=Usage(attempts=made),
        ) from None


async def _within(seconds: float, send: Callable[[], Awaitable[T]]) -> T:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await send()
    except TimeoutError:
        if not limit.expired():
            raise
        raise TransientError(f"no answer within {seconds:g} s", "timeout") from None


def _pause_after(error: TransientError, made: int, provider: ProviderRecord, patience: Patience) -> float:
    """Seconds before the next try; raises when there is to be none."""
    RETRIES.labels(provider.name, error.kind).inc()
    asked = error.retry_after or 0.0
    if made >= patience.attempts or asked > patience.longest_pause:
        wish = f" It asks to be left alone for {asked:g} s." if asked > patience.longest_pause else ""
        raise ProviderUnavailableError(
            f"{provider.name} is not available, after {made} attempts: {error}.{wish}",
            kind=error.kind,
            usage=Usage(attempts=made),
        ) from None
    pause = min(patience.first_pause * 2.0 ** (made - 1), patience.longest_pause)
    # Never sooner than the server asked, nor all callers at once.
    pause = max(pause * random.uniform(0.5, 1.0), asked) + random.uniform(0, pause / 4)  # noqa: S311
    note_retry(error.kind, pause)
    logger.debug("{}: {}; trying again in {:.2f} s", provider.name, error, pause)
    return pause
