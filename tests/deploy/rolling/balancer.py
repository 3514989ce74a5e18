"""What stands before the gateways: hands each new connection to the next of those that are in its list."""

import asyncio
from collections import Counter
from typing import Self

from shared.service.enduring import end_all

_CHUNK = 1 << 16


class Balancer:
    """A TCP balancer on a free port of 127.0.0.1; `async with` opens and closes it.

    Attributes:
        backends: Ports that get new connections; taken out, a backend keeps those that it has.
        taken: Connections that each got.
    """

    def __init__(self, *backends: int) -> None:
        self.backends = list(backends)
        self.taken: Counter[int] = Counter()
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

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = self.backends[self.taken.total() % len(self.backends)]
        self.taken[port] += 1
        try:
            behind, before = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        for source, target in ((reader, before), (behind, writer)):
            task = asyncio.create_task(_pass_on(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()
