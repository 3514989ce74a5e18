"""Places: how many calls a provider gets at the same time, over the whole fleet.

They are leases of the broker's rate limiter, kept in NATS. A worker that is killed keeps its places until
they end by themselves, a little after the time limit of the call that they were taken for.

A provider that makes vectors keeps one of its places for urgent calls, which somebody waits for: a search is
not held up by the embedding of a hundred thousand messages.
"""

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from dramatiq.errors import BrokerConnectionError
from loguru import logger

from dramatiq_nats import NatsRateLimiterBackend
from shared.contracts.analysis import ProviderRecord
from shared.contracts.errors import unavailable
from shared.llm.binding import Binding, bound_llm
from shared.llm.errors import ProviderUnavailableError
from shared.llm.loops import LoopLocal
from shared.messaging.connection import bound_access, bound_replicas
from shared.messaging.names import broker_namespace

_MARGIN = 5.0
_FIRST_PAUSE, _URGENT_PAUSE, _LONGEST_PAUSE = 0.02, 0.1, 0.5
_THREADS = 4
_CLOSING_TIME = 5.0


def places_for(provider: ProviderRecord, *, urgent: bool) -> int:
    """How many calls there may be when one more is made."""
    keeps_one = provider.document_model is not None and provider.max_concurrency > 1
    return provider.max_concurrency - 1 if keeps_one and not urgent else provider.max_concurrency


class Places:
    """The places of all providers, as one event loop takes them.

    A process's calls queue among themselves first, so that it asks the fleet for no more than it could get.
    """

    def __init__(self, binding: Binding) -> None:
        self._backend = NatsRateLimiterBackend(
            servers=binding.nats_url.split(","),
            namespace=broker_namespace(binding.namespace),
            replicas=bound_replicas(),
            **bound_access().options(),
        )
        # Its calls block, so they are made from threads.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="llm-places")
        self._queues: dict[tuple[object, int], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(
        self, provider: ProviderRecord, *, wait: float, urgent: bool = False
    ) -> AsyncIterator[None]:
        """Hold one of a provider's places.

        Args:
            provider: Whose.
            wait: Seconds to wait for it.
            urgent: Whether it may be the one that is kept for those whom somebody waits for.

        Raises:
            ProviderUnavailableError: When none became free in time.
            QueryError: `unavailable`, when the server that counts them cannot be reached.
        """
        limit = places_for(provider, urgent=urgent)
        queue = self._queues.setdefault((provider.id, limit), asyncio.Semaphore(limit))
        ticket = _Ticket(self._backend, provider, limit)
        try:
            async with asyncio.timeout(wait):
                await queue.acquire()
                try:
                    await self._take(ticket, _URGENT_PAUSE if urgent else _LONGEST_PAUSE)
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
            # Not waited for; the next of this process begins when it is done, and finds the place free.
            giving_back = asyncio.get_running_loop().run_in_executor(self._threads, ticket.give_back)
            giving_back.add_done_callback(lambda _: queue.release())

    async def close(self) -> None:
        """Give back what is still to be given back, and close the connection."""
        closing = asyncio.get_running_loop().run_in_executor(None, self._close)
        done, _ = await asyncio.wait([closing], timeout=_CLOSING_TIME)
        if not done:
            logger.warning("places of providers could not be given back in time; they end by themselves")

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        self._backend.close()

    async def _take(self, ticket: "_Ticket", longest_pause: float) -> None:
        pause, loop = _FIRST_PAUSE, asyncio.get_running_loop()
        try:
            while not await loop.run_in_executor(self._threads, ticket.take):
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter is no secret
                pause = min(pause * 1.6, longest_pause)
        except asyncio.CancelledError:
            # A thread may be taking it at this moment, for nobody.
            self._threads.submit(ticket.give_back)
            raise


class _Ticket:
    """The claim to one place, taken and given back from any thread, in whatever order they come to it."""

    def __init__(self, backend: NatsRateLimiterBackend, provider: ProviderRecord, limit: int) -> None:
        self._backend = backend
        self._key = f"llm-{provider.id}"
        self._limit = limit
        self._ttl = int((provider.timeout_seconds + _MARGIN) * 1000)
        self._lock = threading.Lock()
        self._taken = self._over = False

    def take(self) -> bool:
        """Try to take the place."""
        with self._lock:
            if not self._over:
                self._taken = self._backend.incr(self._key, 1, self._limit, self._ttl)
            return self._taken

    def give_back(self) -> None:
        """Give the place back, if it was taken, and take none any more."""
        with self._lock:
            self._over = True
            try:
                if self._taken:
                    self._backend.decr(self._key, 1, 0, self._ttl)
            except BrokerConnectionError as error:
                logger.warning("a provider's place is not given back, it ends by itself: {!r}", error)


_places: LoopLocal[Places] = LoopLocal(lambda: Places(bound_llm()))


def places() -> Places:
    """The running loop's."""
    return _places.get()


async def close_places() -> None:
    """Close the running loop's."""
    held = _places.take()
    if held is not None:
        await held.close()
