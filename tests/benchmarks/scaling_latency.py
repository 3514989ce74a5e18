"""A way to a server that takes time and no processor: what goes in comes out so many seconds later."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.service.enduring import end_all

_CHUNK = 1 << 16


@contextmanager
def slow_way_to(port: int, seconds: float) -> Iterator[int]:
    """A port that leads to `port` of this machine, with a delay each way."""
    begun = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        passing: set[asyncio.Task[None]] = set()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            behind, before = await asyncio.open_connection("127.0.0.1", port)
            for source, target in ((reader, before), (behind, writer)):
                task = asyncio.create_task(_pass_on(source, target, seconds))
                passing.add(task)
                task.add_done_callback(passing.discard)

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        begun.set()
        await ended.wait()
        server.close()
        await end_all(passing)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="slow way", daemon=True)
    thread.start()
    try:
        begun.wait()
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on what comes, in order, each piece when its time has come."""
    loop = asyncio.get_running_loop()
    try:
        while data := await reader.read(_CHUNK):
            # Each is told its own time, so that one does not wait for those before it again.
            loop.call_later(seconds, writer.write, data)
    except OSError:
        writer.transport.abort()
    finally:
        loop.call_later(seconds, writer.close)
