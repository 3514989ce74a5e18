"""One WebSocket client as the hub sees it: what it asked for, where it is, and the way to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.messaging.events import Position


class Outlet(Protocol):
    """The way to a client. `SocketProtocol` is one."""

    on_writable: Callable[[], None] | None
    """Called when the client takes more again after a time in which it was full."""

    @property
    def is_writable(self) -> bool:
        """Whether the client takes more at this moment."""

    def write(self, wire: bytes) -> None:
        """Write whole messages at once; nothing when the connection is closing."""

    async def until_writable(self) -> None:
        """Wait until the client takes more, or is gone."""

    def end(self, code: int, reason: str) -> None:
        """Close with a code of `docs/websocket.md`; nothing when it is closing."""


@dataclass(eq=False)
class Client:
    """A client and its place in the stream.

    Attributes:
        topics: What it wants to hear of.
        after: Where it wants to go on; None for now.
        at: It has been told everything up to here.
        is_live: Whether it has been up to date since it came.
        told_at: When it was told something last, on the loop's clock.
        patience: How many frames the ring may have had when it is looked again how many wait for it.
    """

    outlet: Outlet
    topics: frozenset[str]
    after: Position | None
    at: int = 0
    is_live: bool = False
    told_at: float = 0.0
    patience: int = 0

    def say(self, wire: bytes) -> None:
        """Write whole messages, and note when."""
        self.outlet.write(wire)
        self.told_at = asyncio.get_running_loop().time()
