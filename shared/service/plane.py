"""The service plane: the one process of a worker container that is not a worker.

It answers `/health/live`, `/health/ready`, `/metrics` and the service's queries, and runs its outbox relay.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, MediaType, Request, Response, get
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from loguru import logger
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from dramatiq_nats import NatsBroker
from shared.contracts.errors import QueryError
from shared.database.engine import dispose_database
from shared.messaging.connection import close_connection
from shared.messaging.outbox_figures import watch_outbox
from shared.messaging.queries import serve
from shared.messaging.relay import Relay
from shared.service import health
from shared.service.closing import close_what_was_opened
from shared.service.dead_letters import tell_of_dead_letters
from shared.service.enduring import end_all, keep_going
from shared.service.heartbeats import forget_earlier, heartbeat_folder
from shared.service.loops import loop_name, run_alone
from shared.service.metrics import queue_figures, readiness
from shared.service.periodic import send_periodically
from shared.service.reactions import listen
from shared.service.service import Service
from shared.service.streams import make_streams
from shared.service.vitals import watch_vitals
from shared.telemetry import shutdown_traces
from shared.telemetry.exposition import expose

_PAUSE = 0.5


def run_plane(service: Service, broker: NatsBroker) -> int:
    """Run until SIGTERM; returns the exit code. Of the broker only the queues' figures are asked."""
    uvloop.run(_run(service, broker))
    broker.close()
    shutdown_traces()
    return 0


async def _run(service: Service, broker: NatsBroker) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = _Server(
        uvicorn.Config(
            health_app(service, broker),
            host=service.settings.health_host,
            port=service.settings.health_port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
    )
    async with _talking(service):
        serving = asyncio.create_task(server.serve())
        watching = asyncio.create_task(_watch_parent(stop))
        await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        watching.cancel()
        await serving
    await close_what_was_opened()
    await dispose_database()
    await close_connection()


class _Server(uvicorn.Server):
    """Leaves the signals to the plane."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _talking(service: Service) -> AsyncIterator[None]:
    """Run what needs NATS and Postgres beside, beginning as soon as they are there."""
    relay = Relay(service.name)
    works: dict[str, Callable[[], Awaitable[None]]] = {
        "queries": lambda: _answer_queries(service),
        "relay": relay.run,
        "periodic": lambda: send_periodically(service.periodic, relay),
        "reactions": lambda: listen(service.name, service.reactions),
        "dead letters": lambda: tell_of_dead_letters(service.name),
        "outbox figures": lambda: watch_outbox(service.name),
        "vitals": lambda: watch_vitals("plane", service.settings.pool_size),
        **{loop_name(loop): partial(run_alone, loop, relay) for loop in service.loops},
    }
    tasks = [asyncio.create_task(keep_going(name, work), name=name) for name, work in works.items()]
    try:
        yield
    finally:
        await end_all(tasks)


async def _answer_queries(service: Service) -> None:
    while True:
        try:
            await make_streams()
            await serve(service.name, service.queries)
        except (OSError, TimeoutError, NatsError, JetStreamError, QueryError) as error:
            logger.debug("queries cannot be answered yet: {!r}", error)
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _watch_parent(stop: asyncio.Event) -> None:
    """End with the container's main process, however that ended."""
    parent = os.getppid()
    while not stop.is_set():
        if os.getppid() != parent:
            stop.set()
        await asyncio.sleep(1)


def health_app(service: Service, broker: NatsBroker) -> Litestar:
    """The plane's HTTP endpoints."""
    folder = heartbeat_folder(service.name, service.settings.runtime_dir)
    forget_earlier(folder)
    version = health.version()
    alive: dict[str, health.Looker] = {"workers": health.workers_in(folder)}
    ready: dict[str, health.Looker] = {
        "postgres": health.look_at_postgres,
        "migrations": health.migrations_of(service.name),
        "nats": health.look_at_nats,
        "streams": health.look_at_streams,
        "workers": health.workers_in(folder),
    }

    async def answer(checks: dict[str, health.Looker]) -> Response[health.Health]:
        found = msgspec.structs.replace(await health.look(checks), version=version)
        good = found.status == "ok"
        return Response(found, status_code=HTTP_200_OK if good else HTTP_503_SERVICE_UNAVAILABLE)

    @get("/health/live")
    async def live() -> Response[health.Health]:
        return await answer(alive)

    @get("/health/ready")
    async def is_ready() -> Response[health.Health]:
        return await answer(ready)

    @get("/metrics", media_type=MediaType.TEXT)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = await health.look(ready)
        more = [readiness(found)]
        # Not asked in vain: a scrape waits for ten seconds, as long as the broker does for a server.
        if found.checks["nats"].ok:
            more += await asyncio.to_thread(queue_figures, broker)
        body, content_type = await asyncio.to_thread(expose, request.headers.get("accept", ""), more)
        return Response(body, media_type=content_type)

    return Litestar([live, is_ready, metrics], openapi_config=None, logging_config=None)
