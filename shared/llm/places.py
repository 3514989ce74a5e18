"""Places: how many calls a provider gets at the same time, over the whole fleet.

They are leases of the broker's rate limiter, kept in NATS. A worker that is killed keeps its places until
they end by themselves, a little after the time limit of the call that they were taken for.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import TypeVar

from dramatiq.errors import BrokerConnectionError
from dramatiq.rate_limits import ConcurrentRateLimiter
from loguru import logger

from dramatiq_nats import NatsRateLimiterBackend
from shared.contracts.analysis import ProviderRecord
from shared.contracts.errors import unavailable
from shared.llm.binding import Binding, bound_llm
from shared.llm.errors import ProviderUnavailableError
from shared.llm.loops import LoopLocal
from shared.messaging.names import broker_namespace

T = TypeVar("T")

_MARGIN = 15.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_THREADS = 4


class Places:
    """The places of all providers, as one event loop takes them.

    A process's calls queue among themselves first, so that it asks the fleet for no more than it could get.
    """

    def __init__(self, binding: Binding) -> None:
        self._backend = NatsRateLimiterBackend(
            servers=binding.nats_url.split(","), namespace=broker_namespace(binding.namespace)
        )
        # Its calls block, so they are made from threads.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="llm-places")
        self._queues: dict[tuple[object, int], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, provider: ProviderRecord, *, wait: float) -> AsyncIterator[None]:
        """Hold one of a provider's places.

        Args:
            provider: Whose.
            wait: Seconds to wait for it.

        Raises:
            ProviderUnavailableError: When none became free in time.
            QueryError: `unavailable`, when the server that counts them cannot be reached.
        """
        limit = provider.max_concurrency
        queue = self._queues.setdefault((provider.id, limit), asyncio.Semaphore(limit))
        ttl = int((provider.timeout_seconds + _MARGIN) * 1000)
        limiter = ConcurrentRateLimiter(self._backend, f"llm-{provider.id}", limit=limit, ttl=ttl)
        try:
            async with asyncio.timeout(wait):
                await queue.acquire()
                try:
                    held = await self._take(limiter)
                except BaseException:
                    queue.release()
                    raise
        except TimeoutError:
            raise ProviderUnavailableError(
                f"{provider.name} had none of its {limit} places free for {wait:g} s. "
                "Raise its max_concurrency, or wait until there is less to do.",
                kind="place",
            ) from None
        except BrokerConnectionError as error:
            raise unavailable(f"The message server cannot be reached ({error}). Is NATS running?") from error
        try:
            yield
        finally:
            queue.release()
            await self._give_back(held)

    async def close(self) -> None:
        """Close the connection."""
        await asyncio.to_thread(self._backend.close)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _take(self, limiter: ConcurrentRateLimiter) -> ExitStack:
        pause = _FIRST_PAUSE
        while True:
            held = await self._try(limiter)
            if held is not None:
                return held
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter is no secret
            pause = min(pause * 1.6, _LONGEST_PAUSE)

    async def _try(self, limiter: ConcurrentRateLimiter) -> ExitStack | None:
        trying = self._run(partial(_enter, limiter))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            # It may still succeed: what nobody waits for any more is given back.
            trying.add_done_callback(self._give_back_unwanted)
            raise

    def _give_back_unwanted(self, trying: "asyncio.Future[ExitStack | None]") -> None:
        held = None if trying.cancelled() or trying.exception() else trying.result()
        if held is not None:
            self._threads.submit(_leave, held)

    async def _give_back(self, held: ExitStack) -> None:
        await asyncio.shield(self._run(partial(_leave, held)))

    def _run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._threads, work)


def _enter(limiter: ConcurrentRateLimiter) -> ExitStack | None:
    with ExitStack() as stack:
        taken = stack.enter_context(limiter.acquire(raise_on_failure=False))
        return stack.pop_all() if taken else None


def _leave(held: ExitStack) -> None:
    try:
        held.close()
    except BrokerConnectionError as error:
        logger.warning("a provider's place could not be given back, it ends by itself: {!r}", error)


_places: LoopLocal[Places] = LoopLocal(lambda: Places(bound_llm()))


def places() -> Places:
    """The running loop's."""
    return _places.get()


async def close_places() -> None:
    """Close the running loop's."""
    held = _places.take()
    if held is not None:
        await held.close()
