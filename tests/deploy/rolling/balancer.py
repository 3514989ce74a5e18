"""What stands before the gateways: hands each new connection to the next of those that are in its list."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from typing import Self

from shared.service.enduring import end_all

_CHUNK = 1 << 16


class Balancer:
    """A TCP balancer on a free port of 127.0.0.1; `async with` opens and closes it.

    Attributes:
        backends: Ports that get new connections; taken out, a backend keeps those that it has.
        taken: Connections that each got.
        unanswered: Of those, the ones that are under way and have not heard of it yet.
    """

    def __init__(self, *backends: int) -> None:
        self.backends = list(backends)
        self.taken: Counter[int] = Counter()
        self.unanswered: Counter[int] = Counter()
        self._choosing = threading.Lock()  # a test takes backends out, in a thread of its own
        self.port = 0
        self._passing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await end_all(self._passing)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, port: int) -> None:
        """Give a backend its share of the new connections."""
        with self._choosing:
            self.backends.append(port)

    def take_out(self, port: int) -> None:
        """Give a backend no more; those that it got already are counted in `unanswered`."""
        with self._choosing:
            self.backends.remove(port)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._choosing:
            port = self.backends[self.taken.total() % len(self.backends)]
            self.taken[port] += 1
            self.unanswered[port] += 1
        answered = _Once(lambda: self.unanswered.subtract({port: 1}))
        try:
            behind, before = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            answered()
            writer.transport.abort()
            return
        self._pass_on(reader, before)
        self._pass_on(behind, writer, answered)

    def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        task = asyncio.create_task(_pass_on(reader, writer, heard))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)


class _Once:
    """Does something when it is called first."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def __call__(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Callable[[], None]
) -> None:
    """Until one side ends; tells when the first is heard of it, or that it has ended."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
            heard()
    except OSError:
        writer.transport.abort()
    finally:
        heard()
        writer.close()
