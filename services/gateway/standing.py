"""Sockets outlive what let them in: they are asked again and again whether it still would."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from loguru import logger

from services.gateway import metrics
from services.gateway.clients import Outlet
from services.gateway.keys import ApiKey
from shared.contracts.errors import QueryError

NO_KEY: Final = 4401
CHECK_SECONDS = 10.0
_ENDED = "What let you in has ended since: the key was revoked or has expired, or the session was signed out."


@dataclass(frozen=True)
class Visitor:
    """Who comes in by a socket.

    Attributes:
        key: In whose name.
        identity: The same for all that came in by the same key text, session or key of a ticket.
        look_again: Finds the key anew; None when it lets nobody in any more.
    """

    key: ApiKey
    identity: Hashable
    look_again: Callable[[], Awaitable[ApiKey | None]]


@dataclass
class _Group:
    visitor: Visitor
    outlets: set[Outlet] = field(default_factory=set)


class Standing:
    """Who is inside, by what let them in; one key, with its tickets and sessions, may have `most` sockets.

    Args:
        most: 0 is no limit.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._groups: dict[Hashable, _Group] = {}

    def is_full(self, key: ApiKey) -> bool:
        """Whether one more socket would be too many for the key."""
        groups = self._groups.values()
        inside = sum(len(group.outlets) for group in groups if group.visitor.key.id == key.id)
        return 0 < self._most <= inside

    def enter(self, visitor: Visitor, outlet: Outlet) -> None:
        """Note a socket that was let in."""
        self._groups.setdefault(visitor.identity, _Group(visitor)).outlets.add(outlet)

    def leave(self, visitor: Visitor, outlet: Outlet) -> None:
        """Forget it."""
        group = self._groups.get(visitor.identity)
        if group is not None:
            group.outlets.discard(outlet)
            if not group.outlets:
                del self._groups[visitor.identity]

    async def run(self) -> None:
        """Close, for ever, the sockets of what has ended; while that cannot be looked up they stay."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for group in tuple(self._groups.values()):
                await self._check(group)

    async def _check(self, group: _Group) -> None:
        try:
            key = await group.visitor.look_again()
        except QueryError as error:
            logger.debug("open sockets cannot be checked now: {}", error)
            return
        if key is not None and key.scopes >= group.visitor.key.scopes:
            return
        for outlet in tuple(group.outlets):
            metrics.SOCKETS_CLOSED.labels("key_ended").inc()
            outlet.end(NO_KEY, _ENDED)
