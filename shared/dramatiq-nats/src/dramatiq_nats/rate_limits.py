"""Rate limits and barriers: counters that processes share.

One cell a key holds its leases: an amount each, and when it ends. A lease that its holder did not give
back, because it was killed, ends by itself; taking another one does not prolong it, so a busy key leaks no
slot.
Clocks of the processes that share a key must agree well within its ``ttl``.
"""

import asyncio
import dataclasses
import functools
import json
import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from dramatiq.rate_limits import RateLimiterBackend

from dramatiq_nats.cells import Cell, Cells
from dramatiq_nats.connection import Connection, T
from dramatiq_nats.naming import check_namespace, limit_subject
from dramatiq_nats.streams import ensure_streams
from dramatiq_nats.waiting import Waiting

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

_PATIENCE = 30.0
_PRUNE_EVERY = 1_000


class Lease(NamedTuple):
    """A part of a key's value.

    Attributes:
      id: Its name.
      amount: How much of the value it makes up; positive.
      until: When it ends, milliseconds since the epoch.
    """

    id: str
    amount: int
    until: int


@dataclasses.dataclass(frozen=True, slots=True)
class Counter:
    """What is stored of one key.

    Attributes:
      leases: Those that have not ended, oldest first.
      until: When the key is gone, milliseconds since the epoch.
    """

    leases: tuple[Lease, ...] = ()
    until: int = 0

    @property
    def value(self) -> int:
        """The sum of the leases."""
        return sum(lease.amount for lease in self.leases)

    def encode(self) -> bytes:
        """Return it as JSON."""
        return json.dumps([self.until, self.leases], separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes | None, now: int) -> "Counter":
        """Read what `encode` wrote, without what ended before `now`, in milliseconds since the epoch."""
        if not data:
            return cls()
        until, leases = json.loads(data)
        return cls(tuple(lease for lease in (Lease(*each) for each in leases) if lease.until > now), until)


Change = Callable[[Counter, int], Counter | None]


class NatsRateLimiterBackend(RateLimiterBackend):
    """A backend for Dramatiq's rate limiters, barriers and `GroupCallbacks`.

    Args:
      broker: The broker whose connection and namespace are used; or else:
      servers: One URL or several of a cluster.
      namespace: Prefix of the stream and its subjects.
      replicas: Copies of each stream in a cluster, when this backend makes them: 1, 3 or 5.
      **connect_options: Passed to `nats.aio.client.Client.connect`.

    Every method raises `dramatiq.errors.BrokerConnectionError` when the server did not answer in 30 seconds.
    """

    def __init__(
        self,
        broker: "NatsBroker | None" = None,
        *,
        servers: str | list[str] = "nats://127.0.0.1:4222",
        namespace: str = "dramatiq",
        replicas: int = 1,
        **connect_options: Any,
    ) -> None:
        self._replicas = replicas
        self.namespace = check_namespace(namespace if broker is None else broker.namespace)
        self._own_connection = broker is None
        if broker is None:
            self._connection = Connection(servers, connect_options)
            self._cells = Cells(self._connection, self.namespace, self._make_own_streams)
        else:
            self._connection = broker.connection
            self._cells = Cells(self._connection, self.namespace, broker.make_streams)
        # What this process took and has not given back, oldest first, by key.
        self._taken: dict[str, deque[Lease]] = {}
        self._takes = 0
        self._taken_lock = threading.Lock()
        self._waiting: Waiting[bool] = Waiting(self._connection)

    def add(self, key: str, value: int, ttl: int) -> bool:
        """Set a key that does not exist to `value` for `ttl` milliseconds; tell whether it was set."""
        lease = _new_lease(value, ttl)

        def change(counter: Counter, now: int) -> Counter | None:
            return None if counter.until > now else Counter((lease,) if value else (), now + ttl)

        return self._take(key, lease, change)

    def incr(self, key: str, amount: int, maximum: int, ttl: int) -> bool:
        """Add `amount` for `ttl` ms unless the value would exceed `maximum`; tell whether it was added."""
        lease = _new_lease(amount, ttl)
        return self._take(key, lease, _adding(lease, maximum, ttl))

    def decr(self, key: str, amount: int, minimum: int, ttl: int) -> bool:
        """Take `amount` off unless the value would fall below `minimum`; tell whether it was taken off.

        What this process took itself is given back first. When that has ended by its time, nothing is taken
        off: it would be somebody else's.
        """
        with self._taken_lock:
            taken = self._taken.get(key)
            own = taken.popleft() if taken and taken[0].amount == amount else None
            if taken is not None and not taken:
                del self._taken[key]

        def change(counter: Counter, now: int) -> Counter | None:
            if counter.value - amount < minimum:
                return None
            if own is None:
                return _without(counter, amount, now + ttl)
            left = tuple(lease for lease in counter.leases if lease.id != own.id)
            return None if left == counter.leases else Counter(left, max(counter.until, now + ttl))

        try:
            return self._run(lambda: self._change(key, change))
        except BaseException:
            if own is not None:
                with self._taken_lock:
                    self._taken.setdefault(key, deque()).appendleft(own)
            raise

    def incr_and_sum(
        self, key: str, keys: Callable[[], list[str]], amount: int, maximum: int, ttl: int
    ) -> bool:
        """Add `amount` to a key unless the sum of all `keys` would exceed `maximum`; tell whether it was.

        Args:
          key: The key to add to.
          keys: Returns the keys that are summed, asked again after the change.
          amount: What to add.
          maximum: The largest sum.
          ttl: Milliseconds for which the amount counts.
        """
        lease = _new_lease(amount, ttl)
        return self._run(lambda: self._change_within(key, keys, lease, maximum, ttl))

    def wait(self, key: str, timeout: int | None) -> bool:
        """Wait until someone notifies the key; tell whether that was within `timeout` milliseconds.

        None waits for ever. A notification of the recent past, within its own ttl, counts.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout / 1000
        while (left := deadline - time.monotonic()) > 0:
            if self._run(functools.partial(self._wait, key, min(left, _PATIENCE / 2))):
                return True
        return False

    def wait_notify(self, key: str, ttl: int) -> None:
        """Let go everyone who waits on the key now or within the next `ttl` milliseconds."""
        self._run(lambda: self._change(key, lambda _counter, now: Counter((), now + ttl)))

    def close(self) -> None:
        """Close the connection, unless it is the broker's."""
        if self._own_connection:
            self._connection.close()

    def _take(self, key: str, lease: Lease, change: Change) -> bool:
        if not self._run(lambda: self._change(key, change)):
            return False
        with self._taken_lock:
            now = _now()
            self._takes += 1
            if self._takes % _PRUNE_EVERY == 0:
                self._taken = {each: kept for each, kept in self._taken.items() if kept[-1].until > now}
            kept = self._taken.setdefault(key, deque())
            # Window and bucket limits never give back: what has ended by its time is forgotten.
            while kept and kept[0].until <= now:
                kept.popleft()
            kept.append(lease)
        return True

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return self._connection.call(work, _PATIENCE)

    # On the loop.

    async def _change(self, key: str, change: Change) -> bool:
        """Apply a change; tell whether it was made. `change` returns None to leave the key as it is."""

        def changed(data: bytes | None) -> Cell | None:
            now = _now()
            counter = change(Counter.decode(data, now), now)
            seconds = 0 if counter is None else math.ceil((counter.until - now) / 1000)
            return None if counter is None else Cell(counter.encode(), seconds)

        return await self._cells.change(key, changed)

    async def _change_within(
        self, key: str, keys: Callable[[], list[str]], lease: Lease, maximum: int, ttl: int
    ) -> bool:
        others = [each for each in keys() if each != key]
        if await self._sum(others) + lease.amount > maximum:
            return False
        if not await self._change(key, _adding(lease, maximum, ttl)):
            return False
        # A neighbouring key may have grown meanwhile: of two that did, the later sees both and steps back.
        if await self._sum({*keys(), key}) <= maximum:
            return True
        await self._change(key, lambda counter, _now: _without_lease(counter, lease))
        return False

    async def _wait(self, key: str, seconds: float) -> bool | None:
        subject = limit_subject(self.namespace, key)
        return await self._waiting.until(subject, lambda: self._told(key), _is_told, seconds)

    async def _told(self, key: str) -> bool | None:
        counter = await self._read(key)
        return True if counter.until > _now() else None

    async def _sum(self, keys: "list[str] | set[str]") -> int:
        found = await asyncio.gather(*(self._read(key) for key in keys))
        return sum(counter.value for counter in found)

    async def _read(self, key: str) -> Counter:
        return Counter.decode(await self._cells.read(key), _now())

    async def _make_own_streams(self) -> None:
        await ensure_streams(self._connection.js, self.namespace, replicas=self._replicas)


def _is_told(data: bytes, _block: bytes | None) -> bool | None:
    return True if Counter.decode(data, _now()).until > _now() else None


def _now() -> int:
    return int(time.time() * 1000)


def _new_lease(amount: int, ttl: int) -> Lease:
    return Lease(uuid.uuid4().hex[:16], amount, _now() + ttl)


def _adding(lease: Lease, maximum: int, ttl: int) -> Change:
    def change(counter: Counter, now: int) -> Counter | None:
        if counter.value + lease.amount > maximum:
            return None
        return Counter((*counter.leases, lease), max(counter.until, now + ttl))

    return change


def _without(counter: Counter, amount: int, until: int) -> Counter:
    """Take an amount off the oldest leases; one that remains in part, a barrier's, lasts until `until`."""
    left: list[Lease] = []
    for lease in counter.leases:
        part = min(amount, lease.amount)
        amount -= part
        if part == 0:
            left.append(lease)
        elif part < lease.amount:
            left.append(Lease(lease.id, lease.amount - part, until))
    return Counter(tuple(left), max(counter.until, until))


def _without_lease(counter: Counter, lease: Lease) -> Counter:
    return Counter(tuple(each for each in counter.leases if each.id != lease.id), counter.until)
