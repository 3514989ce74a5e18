"""One connection to NATS for the threads of a process: opened on first use, reconnecting for ever.

Threads hand work to the loop with `Connection.post`; many posts share one wake-up. What is written during
one turn of the loop leaves in one system call. Nothing is buffered while the server is away: each part
(publisher, ledger, pull) knows what it has to say again and does so in its `on_connected`.
"""

import asyncio
import contextlib
import functools
import logging
import math
import os
import threading
import time
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Protocol, TypeVar

from dramatiq.errors import ConnectionClosed, ConnectionFailed
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError, ServiceUnavailableError

from dramatiq_nats.client import Tap, TapClient, TapHandler
from dramatiq_nats.loop import event_loop, keep_for_ever, on_fork
from dramatiq_nats.settings import check_options, check_servers

log = logging.getLogger(__name__)

T = TypeVar("T")

_RECONNECT_WAIT = 0.25
_PING_INTERVAL = 10
_STUCK_AFTER = 30.0
_CLOSING_WAIT = 3.0
_WARN_EVERY = 10.0
_CANCEL_AGAIN = 0.2


class Part(Protocol):
    """What lives on a connection and must act when the server is reached, again or for the first time."""

    def on_connected(self) -> None:
        """Say again what the server may not have heard. Called on the loop, once a connect."""


class Connection:
    """A connection that any thread may use.

    Args:
      servers: One URL or several of a cluster, a list or with commas between.
      options: Passed to `nats.aio.client.Client.connect`: TLS, NKEY, credentials, name.

    Raises:
      TypeError: When there is no such option.
      ValueError: When a server or an option makes no sense.
    """

    def __init__(self, servers: str | list[str], options: dict[str, Any]) -> None:
        self.servers = check_servers(servers)
        self.options = check_options(options)
        self.inbox = f"{options.get('inbox_prefix', '_INBOX')}.{uuid.uuid4().hex}"
        self._forget()
        _connections.add(self)

    def _forget(self) -> None:
        """Start anew: no client, no parts, nothing handed over. The state of a new object or a new fork."""
        self.parts: list[Part] = []
        self.client: TapClient | None = None
        self.ready = False
        self.max_payload = 1024 * 1024
        self.last_error: Exception | None = None
        self._start_lock = threading.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._connected = threading.Event()
        self._lost: asyncio.Event | None = None
        self._handed_over: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._woken = False
        # What runs for an earlier life, before a close or fork, knows by this that it is over.
        self._life = object()
        self._warned_at = -math.inf
        self._outgoing: list[bytes] = []
        self._taps: set[Tap] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # From any thread.

    @property
    def started(self) -> bool:
        """Whether it was used since it was made, closed or forked."""
        return self._keeper is not None

    def start(self) -> asyncio.AbstractEventLoop:
        """Begin to connect, if that was not done yet, and return the loop."""
        loop = event_loop()
        if self._keeper is None:
            with self._start_lock:
                if self._keeper is None:
                    asyncio.run_coroutine_threadsafe(self._start_keeper(), loop).result()
        return loop

    def post(self, work: Callable[..., None], *args: Any) -> None:
        """Have `work` called on the loop soon, in order. Never blocks."""
        self._handed_over.append((work, args))
        if not self._woken:
            self._woken = True
            event_loop().call_soon_threadsafe(self._work_off)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]], timeout: float) -> T | None:
        """Run a coroutine on the loop, connected or not; None when it took longer than `timeout` seconds."""
        future = asyncio.run_coroutine_threadsafe(work(), event_loop())
        try:
            return future.result(timeout)
        except FutureTimeoutError:
            future.cancel()
            return None

    def call(self, work: Callable[[], Coroutine[Any, Any, T]], timeout: float) -> T:
        """Run a coroutine on the loop and return its result.

        Raises:
          ConnectionFailed: When no server could be reached within `timeout` seconds.
          ConnectionClosed: When there was no answer within `timeout` seconds, or the server refused.
          nats.js.errors.NotFoundError: As the coroutine does.
        """
        loop = self.start()
        if not self._connected.wait(timeout):
            raise ConnectionFailed(self.why_unreachable())
        future = asyncio.run_coroutine_threadsafe(work(), loop)
        try:
            return future.result(timeout)
        except FutureTimeoutError:
            future.cancel()
            raise ConnectionClosed(f"NATS did not answer within {timeout:g} s") from None
        except NotFoundError:
            raise
        except NatsError as error:
            raise ConnectionClosed(describe(error)) from error

    def why_unreachable(self) -> str:
        """Return a sentence on why there is no connection, for an exception's text; without passwords."""
        shown = ", ".join(address.rpartition("@")[2] for address in self.servers)
        reason = f": {self.last_error!r}" if self.last_error else ""
        return f"no connection to NATS at {shown}{reason}"

    def close(self) -> None:
        """Flush, close and forget the connection; the next use opens a new one."""
        if self._keeper is None:
            return
        with contextlib.suppress(FutureTimeoutError):
            asyncio.run_coroutine_threadsafe(self._close(), event_loop()).result(10)
        self._forget()

    # On the loop.

    @property
    def is_congested(self) -> bool:
        """Whether what was written waits for a slow network."""
        return self.client is not None and self.client.is_congested

    @property
    def js(self) -> JetStreamContext:
        """Return a JetStream context of the present client."""
        if self.client is None:
            raise ConnectionClosed(self.why_unreachable())
        return self.client.jetstream()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background. `close` waits a while for it; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Unexpected failure in the background.", exc_info=error)

    def write(self, frame: bytes) -> None:
        """Send protocol bytes at the end of this turn of the loop; dropped while not connected."""
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self.flush)
        self._outgoing.append(frame)

    def flush(self) -> None:
        """Send what was written so far in this turn."""
        frames, self._outgoing = self._outgoing, []
        if frames and self.ready and self.client is not None:
            self.client.write(b"".join(frames))

    async def confirm(self) -> None:
        """Return when the server has taken in everything written before.

        Raises:
          nats.errors.Error: When it did not within 2 seconds.
        """
        self._work_off()
        self.flush()
        if self.client is not None:
            await self.client.flush(timeout=2)

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

    def _work_off(self) -> None:
        self._woken = False
        handed_over = self._handed_over
        while handed_over:
            work, args = handed_over.popleft()
            try:
                work(*args)
            except Exception:
                log.exception("Unexpected failure on the loop in %r.", work)
        if self._outgoing:
            self.flush()

    async def _start_keeper(self) -> None:
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep(self._life))

    async def _keep(self, life: object) -> None:
        """Hold a working client for ever; nats-py reconnects, and one that gave up or hangs is replaced."""
        while life is self._life:
            client = TapClient()
            self.client, self._lost = client, asyncio.Event()
            try:
                await self._open(client)
                await self._until_lost(client, self._lost)
            except Exception as error:  # noqa: BLE001 - whatever it is, the answer is to connect again
                self.last_error = error
                self._warn("Connecting to NATS failed: %r", error)
            self.ready = False
            self._connected.clear()
            await client.end()
            await asyncio.sleep(_RECONNECT_WAIT)

    async def _open(self, client: TapClient) -> None:
        options = {
            "name": "dramatiq-nats",
            "reconnect_time_wait": _RECONNECT_WAIT,
            "ping_interval": _PING_INTERVAL,
            **self.options,
            "max_reconnect_attempts": -1,
            "allow_reconnect": True,
            "error_cb": self._on_error,
            "disconnected_cb": self._on_disconnected,
            "reconnected_cb": functools.partial(self._on_reconnected, client),
            "closed_cb": self._on_closed,
        }
        await client.connect(self.servers, **options)
        await self._on_reconnected(client)

    async def _until_lost(self, client: TapClient, lost: asyncio.Event) -> None:
        """Return when the client closed for good or was without a server for too long."""
        away = 0.0
        while not lost.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(lost.wait(), 1.0)
            away = 0.0 if client.is_connected and self.ready else away + 1.0
            # An interrupt may have kept `post` from waking the loop.
            self._work_off()
            if away >= _STUCK_AFTER:
                return

    async def _on_error(self, error: Exception) -> None:
        self.last_error = error
        log.debug("NATS reported %r", error)

    async def _on_disconnected(self) -> None:
        if self.ready:
            self._warn("Lost the connection to NATS (%s); reconnecting.", self.last_error or "closed")
        self.ready = False
        self._connected.clear()

    def _warn(self, text: str, error: object) -> None:
        """Log a warning; seldom, as a server may throw out many times a second, when a limit is reached."""
        now = time.monotonic()
        if now - self._warned_at > _WARN_EVERY:
            log.warning(text, error)
            self._warned_at = now

    async def _on_reconnected(self, client: TapClient) -> None:
        self.max_payload = client.max_payload
        # nats-py subscribed again to what it knew; this is for what was tapped while it was away.
        # More may be tapped in the meantime: until none is missing, nobody is told that it is ready.
        made: set[Tap] = set()
        while missing := self._taps - made:
            for tap in missing:
                await client.tap(tap)
            made |= missing
        if self.client is not client or not client.is_connected:
            return
        self.ready = True
        self.last_error = None
        self._connected.set()
        log.info("Connected to NATS.")
        for part in list(self.parts):
            part.on_connected()

    async def _on_closed(self) -> None:
        if self._lost is not None:
            self._lost.set()

    async def _close(self) -> None:
        self._work_off()
        self.flush()
        if self._tasks and self.ready:
            await asyncio.wait(self._tasks, timeout=_CLOSING_WAIT)
        for task in list(self._tasks):
            task.cancel()
        self._life = object()
        was_ready, self.ready = self.ready, False
        for part in list(self.parts):
            stop = getattr(part, "on_closing", None)
            if stop is not None:
                stop()
        while self._keeper is not None and not self._keeper.done():
            # More than once: what nats-py awaits may swallow it.
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=_CANCEL_AGAIN)
        if self.client is not None:
            with contextlib.suppress(Exception):
                if was_ready:
                    await self.client.flush(timeout=2)
            await self.client.end()

    def forget_inherited(self) -> None:
        """In a forked child: close the inherited socket without a word and start anew."""
        if self.client is not None:
            descriptor = self.client.descriptor()
            if descriptor is not None:
                # A parent's socket that stays open here would keep its subscriptions alive on the server.
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        keep_for_ever((self.client, self._keeper, self._lost, self.parts, self._tasks))
        self.inbox = f"{self.options.get('inbox_prefix', '_INBOX')}.{uuid.uuid4().hex}"
        self._forget()


def describe(error: NatsError) -> str:
    """Return what is to be told of an error of nats-py's, other than that something was not found."""
    if isinstance(error, NoRespondersError | ServiceUnavailableError):
        return f"JetStream does not answer ({error!r}): is it enabled? `dramatiq-nats doctor` says more"
    return f"NATS refused: {getattr(error, 'description', None) or repr(error)}"


_connections: "weakref.WeakSet[Connection]" = weakref.WeakSet()


def _after_fork() -> None:
    for connection in list(_connections):
        connection.forget_inherited()


on_fork(_after_fork)
