"""The same load on Litestar's own channels, with the in-memory backend.

Started by `tests.benchmarks.websocket`. Says `ready`; then a line `<events> <events a second>` on stdin has
it tell its clients so many, and it says `done`.
"""

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import uvicorn
from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from tests.benchmarks.open_files import allow_many_files

_CHANNEL = "messages"


def create_app(padding: str) -> Litestar:
    """A WebSocket at `/ws/messages`, as the documentation of the channels has it."""
    channels = ChannelsPlugin(
        backend=MemoryChannelsBackend(),
        channels=[_CHANNEL],
        create_ws_route_handlers=True,
        ws_handler_base_path="/ws",
        ws_send_mode="text",
    )
    loop_of: list[asyncio.AbstractEventLoop] = []

    async def publish(number: int, rate: float, first: int) -> None:
        began = time.monotonic()
        for index in range(number):
            await asyncio.sleep(max(0.0, began + index / rate - time.monotonic()))
            event = {"n": first + index, "t": time.monotonic_ns(), "text": padding}
            channels.publish(msgspec.json.encode(event), [_CHANNEL])

    def obey() -> None:
        first = 1
        _say("ready")
        for line in sys.stdin:
            number, rate = line.split()
            asyncio.run_coroutine_threadsafe(publish(int(number), float(rate), first), loop_of[0]).result()
            first += int(number)
            _say("done")

    @asynccontextmanager
    async def obeying(_: Litestar) -> AsyncIterator[None]:
        loop_of.append(asyncio.get_running_loop())
        threading.Thread(target=obey, daemon=True).start()
        yield

    return Litestar(plugins=[channels], lifespan=[obeying], logging_config=None, openapi_config=None)


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--padding", type=int, required=True)
    arguments = parser.parse_args()
    allow_many_files(arguments.clients)
    uvicorn.run(
        create_app("x" * arguments.padding),
        port=arguments.port,
        log_config=None,
        access_log=False,
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main()
