"""The gateway on a port of its own, beside answering services, in a thread with its own event loop."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import uvicorn

from dramatiq_nats import ensure_streams
from services.gateway.app import create_app
from services.gateway.http_protocol import HttpProtocol
from services.gateway.settings import GatewaySettings
from services.gateway.sockets import SocketProtocol
from shared.contracts.base import Event
from shared.database.engine import bind_database
from shared.database.migrate import migrate
from shared.messaging.connection import bind_nats, connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import broker_namespace
from shared.messaging.queries import serve
from shared.messaging.relay import Relay
from shared.messaging.tasks import ensure_tasks_bucket
from shared.messaging.transaction import transaction
from tests.integration.gateway.answering import Services

KEY = "a-key-for-tests-0123456789"
SECRET = "a-webhook-secret"
DEADLINE = 20.0

Result = TypeVar("Result")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE:g} s: {what}"
        pause.wait(0.01)


@dataclass
class Stage:
    """A running gateway, its clients, and the services behind it."""

    url: str
    namespace: str
    services: Services
    app: Any
    loop: asyncio.AbstractEventLoop

    def run(self, work: Awaitable[Result]) -> Result:
        """Run a coroutine on the gateway's loop, and wait for it."""

        async def awaited() -> Result:
            return await work

        future: Future[Result] = asyncio.run_coroutine_threadsafe(awaited(), self.loop)
        return future.result(DEADLINE)

    def client(self, key: str | None = KEY, **more: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=DEADLINE, **more)

    def publish(self, *events: Event) -> None:
        """Publish events by the outbox."""

        async def work() -> None:
            async with transaction() as tx:
                for event in events:
                    tx.publish(event)

        self.run(work())

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"


@contextmanager
def running_stage(database_url: str, nats_url: str, namespace: str, **settings: Any) -> Iterator[Stage]:
    """Start it, and stop it at the end."""
    bind_database(database_url, "gateway", pool_size=5)
    bind_nats(nats_url, namespace, name="gateway tests")
    given = GatewaySettings(
        database_url=database_url,
        nats_url=nats_url,
        namespace=namespace,
        gateway_port=free_port(),
        bootstrap_api_key=KEY,
        webhook_secret=SECRET,
        upload_limit_bytes=8 << 20,
        socket_queue=64,
        # One address, and mostly one key, is all that the tests come from.
        **({"rate_limit": 0, "lockout_after": 0} | settings),
    )
    app = create_app(given)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=given.gateway_port,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            http=HttpProtocol,
            ws=SocketProtocol,
            timeout_graceful_shutdown=5,
        )
    )
    services = Services()
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def work() -> None:
        await migrate("gateway", database_url)
        await ensure_streams((await connection()).jetstream(), broker_namespace(namespace))
        await ensure_event_stream()
        await ensure_tasks_bucket()
        await serve("answering", services.handlers())
        relay = asyncio.create_task(Relay("gateway").run())
        serving = asyncio.create_task(server.serve())
        await stopping.wait()
        # The relay goes first: a pool that is disposed leaves connections that are in use open.
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        server.should_exit = True
        await serving

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()), name="stage", daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started or not thread.is_alive(), "the gateway starts")
        assert thread.is_alive(), "the gateway did not start"
        stage = Stage(f"http://127.0.0.1:{given.gateway_port}", namespace, services, app, loop)
        with stage.client() as client:
            wait_for(
                lambda: client.get("/api/v1/chats").status_code == httpx.codes.OK, "the first key is made"
            )
        yield stage
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(DEADLINE)
        loop.close()
