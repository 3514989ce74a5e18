"""How much comes from whom: a limit of requests a minute, and waiting after wrong keys."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from services.gateway.counters import Counters

WINDOW: Final = 60.0
"""Seconds that a limit of requests is for."""

GUESS_WINDOW: Final = 3600.0
"""Seconds after which guesses are forgotten, at the latest."""

SHORTEST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 900.0
MOST_WELCOME: Final = 20_000
"""Pairs of an address and who came in from it that are remembered, a replica."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit, as the headers of an answer say it.

    After https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/.

    Attributes:
        policy: What is limited: `key` or `address`.
        limit: Requests a minute.
        remaining: Of this minute's; below zero is refused.
        seconds: Until the next minute begins.
    """

    policy: str
    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """`RateLimit-Policy` and `RateLimit`."""
        policy = f'"{self.policy}";q={self.limit};w={WINDOW:g}'
        left = f'"{self.policy}";r={max(self.remaining, 0)};t={self.seconds}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class RequestLimit:
    """So many requests a minute of each name; 0 limits nothing."""

    def __init__(self, policy: str, limit: int) -> None:
        self._policy, self._limit = policy, limit
        self.counters = Counters(f"requests-{policy}")

    def take(self, name: str) -> Allowance | None:
        """Count a request; None when nothing is limited."""
        if not self._limit:
            return None
        count = self.counters.add(name, WINDOW)
        seconds = math.ceil(WINDOW - time.time() % WINDOW)
        return Allowance(self._policy, self._limit, self._limit - count, seconds)


class Lockout:
    """Who guesses keys has to wait: after some wrong ones within an hour, and twice as long after each more.

    While an address waits, keys and sessions that came in from it before still do, so that one who guesses
    does not shut out those who share the address with him; nobody else is let in from it, whether he knows a
    key or not.
    """

    def __init__(self, after: int) -> None:
        """Begin with nothing.

        Args:
            after: Wrong ones until an address waits; 0 is never.
        """
        self._after = after
        self.counters = Counters("guesses")
        self._since: dict[str, tuple[int, float]] = {}
        self._welcome: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def seconds(self, address: str) -> int:
        """How long the address has to wait; 0 is not at all."""
        guesses = self.counters.total(address, GUESS_WINDOW)
        if not self._after or guesses < self._after:
            self._since.pop(address, None)
            return 0
        now = time.monotonic()
        known, since = self._since.get(address, (0, now))
        if known != guesses:
            # Also when another replica told of it: this one waits from when it heard.
            since = now
            self._since[address] = (guesses, since)
        return max(0, math.ceil(since + wait_after(guesses - self._after) - now))

    def note_guess(self, address: str) -> None:
        """Count a wrong key, session or ticket."""
        if self._after:
            self.counters.add(address, GUESS_WINDOW)

    def welcome(self, address: str, who: bytes) -> None:
        """Remember that somebody came in from an address.

        Args:
            address: From where.
            who: Hash of the key or session.
        """
        self._welcome[(address, who)] = None
        self._welcome.move_to_end((address, who))
        if len(self._welcome) > MOST_WELCOME:
            self._welcome.popitem(last=False)

    def is_welcome(self, address: str, who: bytes) -> bool:
        """Whether they came in from there before."""
        return (address, who) in self._welcome

    def tidy(self) -> None:
        """Forget who waits no longer."""
        for address in [one for one in self._since if not self.counters.total(one, GUESS_WINDOW)]:
            del self._since[address]


def wait_after(more: int) -> float:
    """Seconds to wait after so many wrong ones beyond the first that is too many."""
    return min(LONGEST_WAIT, SHORTEST_WAIT * 2.0 ** min(more, 10))
