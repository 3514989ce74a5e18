"""One connection to NATS for the threads of a process: opened on first use, reconnecting for ever.

Threads hand work to the loop with `Connection.post`. What is written during one turn of the loop leaves in
one system call. Nothing is buffered while the server is away: each part (publisher, ledger, pull) knows what
it has to say again and does so in its `on_connected`.
"""

import asyncio
import contextlib
import logging
import threading
import uuid
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Protocol, TypeVar

from dramatiq.errors import ConnectionClosed, ConnectionFailed
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError, ServiceUnavailableError

from dramatiq_nats.client import Tap, TapClient, TapHandler
from dramatiq_nats.handover import HandOver
from dramatiq_nats.keeper import Keeper
from dramatiq_nats.loop import event_loop, keep_for_ever, on_fork
from dramatiq_nats.settings import check_options, check_servers

log = logging.getLogger(__name__)

T = TypeVar("T")

_CLOSING_WAIT = 3.0


class Part(Protocol):
    """What lives on a connection and must act when the server is reached, again or for the first time."""

    def on_connected(self) -> None:
        """Say again what the server may not have heard. Called on the loop, once a connect."""


class Connection:
    """A connection that any thread may use.

    Its coroutines, and `spawn`, `write` and `flush`, are for the loop; the rest is for any thread.

    Args:
      servers: One URL or several of a cluster, a list or with commas between.
      options: Passed to `nats.aio.client.Client.connect`: TLS, NKEY, credentials, name.

    Attributes:
      parts: Who is told when the server is reached, in this order.

    Raises:
      TypeError: When there is no such option.
      ValueError: When a server or an option makes no sense.
    """

    def __init__(self, servers: str | list[str], options: dict[str, Any]) -> None:
        self.servers = check_servers(servers)
        self.options = check_options(options)
        self._forget()
        _connections.add(self)

    def _forget(self) -> None:
        """Start anew: no client, no parts, nothing handed over. The state of a new object or a new fork."""
        self.inbox = f"{self.options.get('inbox_prefix', '_INBOX')}.{uuid.uuid4().hex}"
        self.parts: list[Part] = []
        self._start_lock = threading.Lock()
        self._handed_over = HandOver(self.flush)
        # An interrupt may have kept `post` from waking the loop; so this is done each second, too.
        self._keeper = Keeper(
            self.servers, self.options, on_reached=self._tell_parts, each_second=self._handed_over.work_off
        )
        self._outgoing: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def started(self) -> bool:
        """Whether it was used since it was made, closed or forked."""
        return self._keeper.started

    @property
    def ready(self) -> bool:
        """Whether a server is reached and every subscription is made."""
        return self._keeper.ready

    @property
    def client(self) -> TapClient | None:
        """The present client; None before the first use."""
        return self._keeper.client

    @property
    def max_payload(self) -> int:
        """The server's limit for a message, in bytes."""
        return self._keeper.max_payload

    @property
    def last_error(self) -> Exception | None:
        """Why there is no connection; None when there is one."""
        return self._keeper.last_error

    @property
    def is_congested(self) -> bool:
        """Whether what was written waits for a slow network."""
        return self.client is not None and self.client.is_congested

    @property
    def js(self) -> JetStreamContext:
        """A JetStream context of the present client."""
        if self.client is None:
            raise ConnectionClosed(self.why_unreachable())
        return self.client.jetstream()

    def start(self) -> asyncio.AbstractEventLoop:
        """Begin to connect, if that was not done yet, and return the loop."""
        loop = event_loop()
        if not self._keeper.started:
            with self._start_lock:
                asyncio.run_coroutine_threadsafe(self._keeper.start(), loop).result()
        return loop

    def post(self, work: Callable[..., None], *args: Any) -> None:
        """Have `work` called on the loop soon, in order. Never blocks."""
        self._handed_over.post(work, *args)

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
        if not self._keeper.reached.wait(timeout):
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
        if not self._keeper.started:
            return
        with contextlib.suppress(FutureTimeoutError):
            asyncio.run_coroutine_threadsafe(self._close(), event_loop()).result(10)
        self._forget()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background. `close` waits a while for it; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def write(self, frame: bytes) -> None:
        """Send protocol bytes at the end of this turn of the loop; dropped while not connected."""
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self.flush)
        self._outgoing.append(frame)

    def flush(self) -> None:
        """Send what was written so far in this turn."""
        if not self._outgoing:
            return
        frames, self._outgoing = self._outgoing, []
        if self.ready and self.client is not None:
            self.client.write(b"".join(frames))

    async def confirm(self) -> None:
        """Return when the server has taken in everything written before.

        Raises:
          nats.errors.Error: When it did not within 2 seconds.
        """
        self._handed_over.work_off()
        if self.client is not None:
            await self.client.flush(timeout=2)

    async def tap(self, subject: str, handler: TapHandler) -> Tap:
        """Have `handler` called for what arrives on `subject`; see `Keeper.tap`."""
        return await self._keeper.tap(subject, handler)

    async def untap(self, tap: Tap) -> None:
        """Unsubscribe; see `Keeper.untap`."""
        await self._keeper.untap(tap)

    def _tell_parts(self) -> None:
        for part in list(self.parts):
            part.on_connected()

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Unexpected failure in the background.", exc_info=error)

    async def _close(self) -> None:
        self._handed_over.work_off()
        if self._tasks and self.ready:
            await asyncio.wait(self._tasks, timeout=_CLOSING_WAIT)
        was_ready = self.ready
        for task in list(self._tasks):
            task.cancel()
        self._keeper.retire()
        for part in list(self.parts):
            stop = getattr(part, "on_closing", None)
            if stop is not None:
                stop()
        await self._keeper.stop(flush=was_ready)

    def forget_inherited(self) -> None:
        """In a forked child: close the inherited socket without a word and start anew."""
        self._keeper.close_inherited()
        keep_for_ever((self._keeper, self.parts, self._tasks))
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
