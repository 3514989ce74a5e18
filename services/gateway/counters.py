"""Counts that the gateway's replicas share, without a way to NATS in any request.

Each replica counts by itself and tells the others twice a second how many came since; in between it knows its
own count and what all had told before. So a limit is overstepped by at most what comes to the other replicas
in half a second, and while NATS is away each replica goes on with what it knows. The sum is JetStream's: a
stream of counters in memory, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-49.md.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass

import msgspec
from loguru import logger
from nats.aio.client import Client
from nats.errors import Error as NatsError

from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, bound_replicas, connection
from shared.messaging.names import bucket, gateway_subject

TELL_SECONDS = 0.5
MOST_COUNTED = 20_000
"""Names that are counted apart, a replica; those that come when there are as many are counted as one."""

_EVERYBODY_ELSE = "everybody else"
_STREAM = "COUNTS"
_TOLD_AT_ONCE = 500
_PATIENCE = 2.0
_NANOSECONDS = 1_000_000_000
_KEPT_SECONDS = 2 * 3600
"""Longer than any window."""


class _Told(msgspec.Struct):
    """What JetStream confirms an increment with: the sum, or why there is none."""

    val: str = "0"
    error: dict[str, object] | None = None


@dataclass(slots=True)
class _Count:
    """One name within one window: what all replicas told, what this one has yet to tell, and is telling."""

    ends: float
    told: int = 0
    untold: int = 0
    telling: int = 0


class Counters:
    """Counts by name within windows of time that begin at the same moment everywhere."""

    def __init__(self, kind: str) -> None:
        """Begin with nothing.

        Args:
            kind: What is counted, of letters; replicas share what they count by the same kind and name.
        """
        self._kind = kind
        self._counts: dict[tuple[str, int], _Count] = {}
        self._stream_is_there = False

    def add(self, name: str, window: float) -> int:
        """Count one; returns how many there are in this window as far as is known, this one included.

        Args:
            name: Of whom.
            window: Seconds that a window lasts; always the same for a kind.
        """
        count = self._count(name, window, make=True)
        count.untold += 1
        return count.told + count.telling + count.untold

    def total(self, name: str, window: float) -> int:
        """How many there are in this window, as far as is known."""
        count = self._count(name, window, make=False)
        return count.told + count.telling + count.untold

    def __len__(self) -> int:
        """How many names are counted."""
        return len(self._counts)

    async def run(self) -> None:
        """Tell and hear, for ever."""
        was_away = False
        while True:
            await asyncio.sleep(TELL_SECONDS)
            self._forget_past()
            try:
                await self.tell()
                was_away = False
            except (NatsError, QueryError, OSError, TimeoutError, msgspec.DecodeError) as error:
                self._stream_is_there = False
                if not was_away:
                    logger.warning("limits are counted by this gateway alone while NATS is away: {!r}", error)
                was_away = True

    async def tell(self) -> None:
        """Tell what came since the last time, and hear the sums.

        Raises:
            QueryError: `unavailable`, when NATS cannot be reached.
            NatsError: When it does not answer.
        """
        waiting = [(place, count) for place, count in self._counts.items() if count.untold]
        if not waiting:
            return
        client = await connection()
        if not self._stream_is_there:
            await self._ensure_stream(client)
        for start in range(0, len(waiting), _TOLD_AT_ONCE):
            some = waiting[start : start + _TOLD_AT_ONCE]
            told = await asyncio.gather(
                *(self._tell_one(client, *place, count) for place, count in some), return_exceptions=True
            )
            for error in told:
                if isinstance(error, BaseException):
                    raise error

    async def _tell_one(self, client: Client, name: str, number: int, count: _Count) -> None:
        count.telling, count.untold = count.untold, 0
        # An address has dots and colons, which a subject's token may not have.
        token = hashlib.sha256(name.encode()).hexdigest()[:32]
        subject = gateway_subject(bound_namespace(), f"counts.{self._kind}.{token}.{number}")
        try:
            answer = await client.request(
                subject, b"", timeout=_PATIENCE, headers={"Nats-Incr": f"+{count.telling}"}
            )
            told = _confirmed(answer.data)
        except BaseException:
            count.untold += count.telling
            count.telling = 0
            raise
        # A server that lost its memory begins at nothing; we remember.
        count.told = max(count.told + count.telling, int(told.val))
        count.telling = 0

    async def _ensure_stream(self, client: Client) -> None:
        name = bucket(bound_namespace(), _STREAM)
        config = {
            "name": name,
            "subjects": [gateway_subject(bound_namespace(), "counts.>")],
            "storage": "memory",
            "retention": "limits",
            "discard": "old",
            "allow_msg_counter": True,
            "max_msgs_per_subject": 1,
            "max_msgs": 10 * MOST_COUNTED,
            "max_age": _KEPT_SECONDS * _NANOSECONDS,
            "num_replicas": bound_replicas(),
        }
        answer = await client.request(
            f"$JS.API.STREAM.CREATE.{name}", msgspec.json.encode(config), timeout=_PATIENCE
        )
        _confirmed(answer.data)
        self._stream_is_there = True

    def _count(self, name: str, window: float, *, make: bool) -> _Count:
        now = time.time()
        number = int(now // window)
        found = self._counts.get((name, number))
        if found is not None:
            return found
        made = _Count(ends=(number + 1) * window)
        if not make:
            return made
        if len(self._counts) >= MOST_COUNTED and name != _EVERYBODY_ELSE:
            return self._count(_EVERYBODY_ELSE, window, make=True)
        self._counts[(name, number)] = made
        return made

    def _forget_past(self) -> None:
        now = time.time()
        for place in [place for place, count in self._counts.items() if count.ends <= now]:
            del self._counts[place]


def _confirmed(answer: bytes) -> _Told:
    """What JetStream answered.

    Raises:
        NatsError: When it refused.
    """
    told = msgspec.json.decode(answer, type=_Told)
    if told.error is not None:
        raise NatsError(str(told.error.get("description", told.error)))
    return told
