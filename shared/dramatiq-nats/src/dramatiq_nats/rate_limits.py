# mypy: untyped-calls-exclude=dramatiq
"""Rate limits and barriers: counters in ``<ns>_LIM``, changed by compare-and-set.

One message a key holds its leases: an amount each, and when it ends. A lease that its holder did not give
back, because it was killed, ends by itself; taking another one does not prolong it, so a busy key leaks no
slot.
Clocks of the processes that share a key must agree well within its ``ttl``.
"""

import asyncio
import dataclasses
import functools
import json
import math
import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from dramatiq.rate_limits import RateLimiterBackend
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from dramatiq_nats.connection import Connection, T
from dramatiq_nats.naming import check_namespace, limit_stream, limit_subject
from dramatiq_nats.streams import ensure_streams
from dramatiq_nats.waiting import Waiting
from dramatiq_nats.wire import MSG_ID, TTL

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_STREAM_NOT_FOUND = 10059
_WRONG_SEQUENCE = frozenset({10071, 10164})
_PATIENCE = 30.0
_ASK_TIMEOUT = 2.0
_LONGEST_PAUSE = 0.05
_MOST_KEYS = 10_000


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
    def decode(cls, data: bytes, now: int) -> "Counter":
        """Read what `encode` wrote, without what ended before `now`, in milliseconds since the epoch."""
        until, leases = json.loads(data)
        return cls(tuple(lease for lease in (Lease(*each) for each in leases) if lease.until > now), until)


Change = Callable[[Counter, int], Counter | None]


class NatsRateLimiterBackend(RateLimiterBackend):
    """A backend for Dramatiq's rate limiters, barriers and `GroupCallbacks`.

    Args:
      broker: The broker whose connection and namespace are used; or else:
      servers: One URL or several of a cluster.
      namespace: Prefix of the stream and its subjects.
      **connect_options: Passed to `nats.aio.client.Client.connect`.

    Every method raises `dramatiq.errors.BrokerConnectionError` when the server did not answer in 30 seconds.
    """

    def __init__(
        self,
        broker: "NatsBroker | None" = None,
        *,
        servers: str | list[str] = "nats://127.0.0.1:4222",
        namespace: str = "dramatiq",
        **connect_options: Any,
    ) -> None:
        self.namespace = check_namespace(namespace if broker is None else broker.namespace)
        self._own_connection = broker is None
        if broker is None:
            self._connection = Connection(servers, connect_options)
            self._make_streams: Callable[[], Awaitable[None]] = self._make_own_streams
        else:
            self._connection = broker.connection
            self._make_streams = broker.make_streams
        # What this process took and has not given back, oldest first, by key.
        self._taken: dict[str, deque[Lease]] = {}
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

        return self._run(lambda: self._change(key, change))

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
            if len(self._taken) >= _MOST_KEYS:
                now = _now()
                self._taken = {each: kept for each, kept in self._taken.items() if kept[-1].until > now}
            self._taken.setdefault(key, deque()).append(lease)
        return True

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return self._connection.call(work, _PATIENCE)

    # On the loop.

    async def _change(self, key: str, change: Change) -> bool:
        """Apply a change; tell whether it was made. `change` returns None to leave the key as it is."""
        pause = 0.001
        while True:
            sequence, counter = await self._read(key)
            changed = change(counter, _now())
            if changed is None:
                return False
            if await self._write(key, changed, sequence):
                return True
            # Somebody else was quicker; not all of them should try again at the same moment.
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
            pause = min(_LONGEST_PAUSE, pause * 2)

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
        _, counter = await self._read(key)
        return True if counter.until > _now() else None

    async def _sum(self, keys: "list[str] | set[str]") -> int:
        found = await asyncio.gather(*(self._read(key) for key in keys))
        return sum(counter.value for _, counter in found)

    async def _read(self, key: str) -> tuple[int, Counter]:
        """Return a key's sequence, 0 for none, and what of it has not ended."""
        subject = limit_subject(self.namespace, key)
        while True:
            try:
                # From the leader: a replica may not know yet what was granted a moment ago.
                raw = await self._connection.js.get_msg(limit_stream(self.namespace), subject=subject)
            except NotFoundError as error:
                if error.err_code != _STREAM_NOT_FOUND:
                    return 0, Counter()
                await self._make_streams()
            except (NatsTimeoutError, NoRespondersError):
                await asyncio.sleep(_LONGEST_PAUSE)
            else:
                return raw.seq or 0, Counter.decode(raw.data or b"[0,[]]", _now())

    async def _write(self, key: str, counter: Counter, sequence: int) -> bool:
        """Store a key if it still has this sequence; tell whether it had."""
        headers = {
            _EXPECTED: str(sequence),
            # Asked again after a lost answer, the server knows that it stored this.
            MSG_ID: uuid.uuid4().hex,
            TTL: f"{max(1, math.ceil((counter.until - _now()) / 1000))}s",
        }
        subject = limit_subject(self.namespace, key)
        while True:
            try:
                await self._connection.js.publish(
                    subject, counter.encode(), headers=headers, timeout=_ASK_TIMEOUT
                )
            except APIError as error:
                if error.err_code in _WRONG_SEQUENCE:
                    return False
                raise
            except NatsTimeoutError:
                continue
            except (NoStreamResponseError, NoRespondersError):
                await self._make_streams()
            else:
                return True

    async def _make_own_streams(self) -> None:
        await ensure_streams(self._connection.js, self.namespace)


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
