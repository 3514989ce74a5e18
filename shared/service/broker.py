"""The broker of a worker process: which middleware stands in it, in which order, and why."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import dramatiq
import uvloop
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import (
    AsyncIO,
    Callbacks,
    CurrentMessage,
    Middleware,
    Pipelines,
    Retries,
    TimeLimit,
)
from loguru import logger

from dramatiq_nats import NatsBroker
from shared.contracts.errors import QueryError
from shared.database.engine import dispose_database
from shared.messaging.connection import bound_access, close_connection, connection
from shared.messaging.names import broker_namespace
from shared.service.actors import declare_on
from shared.service.closing import close_what_was_opened
from shared.service.draining import Draining
from shared.service.dramatiq_logs import quieten_dramatiq
from shared.service.failures import MAX_BACKOFF_MS, MIN_BACKOFF_MS, will_retry
from shared.service.heartbeats import heartbeat_folder
from shared.service.presence import Presence
from shared.service.service import Service, bind_process
from shared.service.vitals import watch_vitals
from shared.service.watchdog import Watchdog
from shared.telemetry import shutdown_traces

Plane = Callable[[], int]


def build_broker(service: Service, plane: Plane) -> NatsBroker:
    """Make the broker that `dramatiq services.<name>.worker` finds, with the service's actors on it.

    Args:
        service: What to run.
        plane: The service plane's main function; a module-level function, as the CLI imports it by name.
    """
    if sys.version_info < (3, 14):
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    bind_process(service.name, service.settings)
    quieten_dramatiq()
    broker = NatsBroker(
        servers=service.settings.nats_url.split(","),
        namespace=broker_namespace(service.settings.namespace),
        replicas=service.settings.stream_replicas,
        **bound_access().options(),
        middleware=_middleware(service, plane),
    )
    dramatiq.set_broker(broker)
    for declared in service.actors:
        declare_on(broker, declared)
    return broker


def _middleware(service: Service, plane: Plane) -> list[Middleware]:
    return [
        # First, so that its interrupt reaches the actor before anything else looks at the message.
        TimeLimit(),
        Callbacks(),
        Pipelines(),
        # An outage is waited out, a defect is given up after some tries and dead-lettered.
        Retries(
            max_retries=None,  # type: ignore[arg-type]  # `retry_when` alone decides
            min_backoff=MIN_BACKOFF_MS,
            max_backoff=MAX_BACKOFF_MS,
            retry_when=will_retry,
        ),
        # The actor's frame asks for the message it runs.
        CurrentMessage(),
        # The event loop that all actors of the process share.
        AsyncIO(),
        # After AsyncIO: begins when there is a loop, and ends while there still is one.
        WorkerLife(service),
        # After WorkerLife, so that it says goodbye while there still is a connection.
        Presence(service.name),
        ServicePlane(plane),
        # Interrupts what still runs some seconds into a shutdown; Retries then hands it to another worker.
        # Last, so that a task is noted just before its actor begins, and taken off just after it ended.
        Draining(),
    ]


class WorkerLife(Middleware):
    """Opens and closes what a worker process holds on its event loop."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._watchdog: Watchdog | None = None
        self._vitals: Future[None] | None = None

    def before_worker_boot(self, broker: Any, worker: Any) -> None:
        """Start the watchdog, the measuring, and the connection by which the relay is woken."""
        del broker, worker
        loop = _loop()
        folder = heartbeat_folder(self._service.name, self._service.settings.runtime_dir)
        self._watchdog = Watchdog(loop, folder)
        self._watchdog.start()
        asyncio.run_coroutine_threadsafe(_connect_early(), loop)
        vitals = watch_vitals("worker", self._service.settings.pool_size)
        self._vitals = asyncio.run_coroutine_threadsafe(vitals, loop)

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Close connections and send what traces are still held."""
        del broker, worker
        if self._watchdog is not None:
            self._watchdog.stop()
        if self._vitals is not None:
            self._vitals.cancel()
        asyncio.run_coroutine_threadsafe(_close_all(), _loop()).result(timeout=10)
        shutdown_traces()


class ServicePlane(Middleware):
    """Contributes the service plane's process to the Dramatiq CLI."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    @property
    def forks(self) -> list[Plane]:
        """The functions that the CLI runs in processes of their own."""
        return [self._plane]


def _loop() -> asyncio.AbstractEventLoop:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware must stand before WorkerLife")
    return thread.loop


async def _connect_early() -> None:
    try:
        await connection()
    except QueryError as error:
        logger.warning("{}", error)


async def _close_all() -> None:
    await close_what_was_opened()
    await dispose_database()
    await close_connection()
