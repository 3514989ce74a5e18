"""Keeps a connection to NATS for ever: opens it, tells when it is there, and replaces what gave up.

nats-py reconnects by itself. A client that closed for good, or was without a server too long, is replaced.
"""

import asyncio
import contextlib
import functools
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from nats.errors import Error as NatsError

from dramatiq_nats.client import Tap, TapClient, TapHandler

log = logging.getLogger(__name__)

_RECONNECT_WAIT = 0.25
_PING_INTERVAL = 10
_STUCK_AFTER = 30.0
_WARN_EVERY = 10.0
_CANCEL_AGAIN = 0.2
_RESET = (ConnectionResetError, BrokenPipeError)


class Keeper:
    """The connection from its first use to its close, or to a fork; then there is another keeper.

    Its methods are called on the loop, but `forget_inherited`.

    Args:
      servers: Their URLs.
      options: Passed to `nats.aio.client.Client.connect`.
      on_reached: Called each time a server was reached and everything is subscribed.
      each_second: Called about once a second while there is a connection.

    Attributes:
      client: The present client; None before the first.
      ready: Whether a server is reached and everything is subscribed.
      reached: Is set while ready, for threads to wait on.
      max_payload: The server's limit for a message, in bytes; its default until one was reached.
      last_error: Why there is no connection; None while ready.
    """

    def __init__(
        self,
        servers: list[str],
        options: dict[str, Any],
        *,
        on_reached: Callable[[], None],
        each_second: Callable[[], None],
    ) -> None:
        self.client: TapClient | None = None
        self.ready = False
        self.reached = threading.Event()
        self.max_payload = 1024 * 1024
        self.last_error: Exception | None = None
        self._servers = servers
        self._options = options
        self._on_reached = on_reached
        self._each_second = each_second
        self._taps: set[Tap] = set()
        self._task: asyncio.Task[None] | None = None
        self._retired = False
        self._lost = asyncio.Event()
        self._warned_at = -math.inf

    @property
    def started(self) -> bool:
        """Whether it was started."""
        return self._task is not None

    async def start(self) -> None:
        """Begin to connect, the first time that it is called."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep())

    def retire(self) -> None:
        """Be ready no more, and open no other connection."""
        self.ready = False
        self._retired = True

    async def stop(self, *, flush: bool) -> None:
        """Close the connection; when `flush`, after the server took in what was written, or 2 seconds."""
        self.retire()
        while self._task is not None and not self._task.done():
            # More than once: what nats-py awaits may swallow it.
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_CANCEL_AGAIN)
        if self.client is not None:
            if flush:
                with contextlib.suppress(Exception):
                    await self.client.flush(timeout=2)
            await self.client.end()

    def close_inherited(self) -> None:
        """In a forked child: close the socket, without a word to the server."""
        descriptor = self.client.descriptor() if self.client is not None else None
        if descriptor is not None:
            # A parent's socket that stays open here would keep its subscriptions alive on the server.
            with contextlib.suppress(OSError):
                os.close(descriptor)

    async def tap(self, subject: str, handler: TapHandler) -> Tap:
        """Have `handler` called for what arrives on `subject`, over reconnects, until `untap`.

        What is written after this returned reaches the server after the subscription.
        """
        tap = Tap(subject, handler)
        self._taps.add(tap)
        if self.client is not None and self.ready:
            with contextlib.suppress(NatsError):
                await self.client.tap(tap)
        return tap

    async def untap(self, tap: Tap) -> None:
        """Unsubscribe. What the server had sent before is still handled: confirm, then it is quiet."""
        self._taps.discard(tap)
        if self.client is not None:
            with contextlib.suppress(NatsError):
                await self.client.untap(tap)

    async def _keep(self) -> None:
        while not self._retired:
            client = TapClient()
            self.client, self._lost = client, asyncio.Event()
            try:
                await self._open(client)
                await self._until_lost(client, self._lost)
            except Exception as error:  # noqa: BLE001 - whatever it is, the answer is to connect again
                self.last_error = error
                self._warn("Connecting to NATS failed: %r", error)
            self.ready = False
            self.reached.clear()
            await client.end()
            await asyncio.sleep(_RECONNECT_WAIT)

    async def _open(self, client: TapClient) -> None:
        options = {
            "name": "dramatiq-nats",
            "reconnect_time_wait": _RECONNECT_WAIT,
            "ping_interval": _PING_INTERVAL,
            **self._options,
            "max_reconnect_attempts": -1,
            "allow_reconnect": True,
            "error_cb": self._on_error,
            "disconnected_cb": self._on_disconnected,
            "reconnected_cb": functools.partial(self._on_connected, client),
            "closed_cb": self._on_closed,
        }
        await client.connect(self._servers, **options)
        await self._on_connected(client)

    async def _until_lost(self, client: TapClient, lost: asyncio.Event) -> None:
        """Return when the client closed for good or was without a server for too long."""
        away = 0.0
        while not lost.is_set() and away < _STUCK_AFTER:
            # Not by `asyncio.wait_for`: before Python 3.12 that may swallow a cancellation.
            with contextlib.suppress(asyncio.TimeoutError):
                async with asyncio.timeout(1.0):
                    await lost.wait()
            away = 0.0 if client.is_connected and self.ready else away + 1.0
            self._each_second()

    async def _on_error(self, error: Exception) -> None:
        # What is not permitted is not mended by waiting, and whoever waits for it is not told.
        level = logging.ERROR if "permissions violation" in str(error).lower() else logging.DEBUG
        log.log(level, "NATS reported %r", error)
        # That a socket was reset says less than what the server said before it hung up.
        if not (isinstance(error, _RESET) and isinstance(self.last_error, NatsError)):
            self.last_error = error

    async def _on_disconnected(self) -> None:
        if self.ready:
            self._warn("Lost the connection to NATS (%s); reconnecting.", self.last_error or "closed")
        self.ready = False
        self.reached.clear()

    async def _on_connected(self, client: TapClient) -> None:
        self.max_payload = client.max_payload
        # nats-py subscribed again to what it knew; this is for what was tapped while it was away.
        # More may be tapped in the meantime: until none is missing, nobody is told that it is ready.
        made: set[Tap] = set()
        while missing := self._taps - made:
            for tap in missing:
                await client.tap(tap)
            made |= missing
        if self._retired or self.client is not client or not client.is_connected:
            return
        self.ready = True
        self.last_error = None
        self.reached.set()
        log.info("Connected to NATS.")
        self._on_reached()

    async def _on_closed(self) -> None:
        self._lost.set()

    def _warn(self, text: str, error: object) -> None:
        """Log a warning; seldom, as a server may throw out many times a second, when a limit is reached."""
        now = time.monotonic()
        if now - self._warned_at > _WARN_EVERY:
            log.warning(text, error)
            self._warned_at = now
