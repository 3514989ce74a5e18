"""The process's NATS connection: one an event loop, made when first used, reconnecting for ever."""

import asyncio
import os
from dataclasses import dataclass
from typing import Any

from loguru import logger
from nats.aio.client import Client
from nats.errors import Error as NatsError

from shared.contracts.errors import unavailable
from shared.messaging.access import Access
from shared.messaging.client import EnduringClient

_CONNECT_TIMEOUT = 5.0
_NO_ACCESS = Access()
_PATIENCE = 1.5
"""Seconds that a caller waits for the first connection; it goes on being tried afterwards."""


@dataclass(frozen=True, slots=True)
class _Binding:
    url: str
    namespace: str
    name: str
    access: Access
    replicas: int


_binding: _Binding | None = None
_clients: dict[tuple[int, int], "asyncio.Task[Client]"] = {}


def bind_nats(
    url: str,
    namespace: str = "",
    *,
    name: str = "task-tracker",
    access: Access = _NO_ACCESS,
    replicas: int = 1,
) -> None:
    """Say which server this process talks to. Makes no connection.

    Args:
        url: `nats://user:password@host:port`; several are separated by commas.
        namespace: Keeps installations on one server apart; empty for the only one.
        name: Shown in the server's list of connections.
        access: How the process shows who it is.
        replicas: Copies of each stream, bucket and store that is made here.
    """
    global _binding  # noqa: PLW0603 - one binding a process, made at its start
    _binding = _Binding(url, namespace, name, access, replicas)


def bound_namespace() -> str:
    """The namespace that this process works in."""
    return _bound().namespace


def bound_access() -> Access:
    """How this process shows who it is; not at all when nothing was said."""
    return _NO_ACCESS if _binding is None else _binding.access


def bound_replicas() -> int:
    """Copies of what this process makes on the server: 1, 3 or 5."""
    return 1 if _binding is None else _binding.replicas


async def connection() -> Client:
    """The running loop's client, connected at least once before; it reconnects by itself.

    Raises:
        QueryError: `unavailable`, when the server cannot be reached now and never was.
    """
    key = (os.getpid(), id(asyncio.get_running_loop()))
    task = _clients.get(key)
    if task is None or (task.done() and (task.cancelled() or task.exception() or task.result().is_closed)):
        task = _clients[key] = asyncio.create_task(_connect(_bound()))
    try:
        return await asyncio.wait_for(asyncio.shield(task), _PATIENCE)
    except (OSError, NatsError, TimeoutError) as error:
        reason = str(error) or f"no answer within {_PATIENCE:g} s"
        raise unavailable(f"The message server cannot be reached ({reason}). Is NATS running?") from error


def open_connection() -> Client | None:
    """The running loop's client when it is connected at this moment, without waiting."""
    task = _clients.get((os.getpid(), id(asyncio.get_running_loop())))
    if task is None or not task.done() or task.cancelled() or task.exception():
        return None
    client = task.result()
    return client if client.is_connected else None


async def close_connection() -> None:
    """Close the running loop's client."""
    task = _clients.pop((os.getpid(), id(asyncio.get_running_loop())), None)
    if task is None:
        return
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and not task.exception():
        await task.result().close()


async def _connect(binding: _Binding) -> Client:
    client = EnduringClient()
    was_lost = False

    async def on_disconnect() -> None:
        nonlocal was_lost
        if client.is_closed:
            return  # by ourselves
        was_lost = True
        logger.warning("lost the connection to NATS; reconnecting")

    async def on_reconnect() -> None:
        if was_lost:
            logger.info("connected to NATS again")

    async def on_error(error: Exception) -> None:
        said = str(error).lower()
        # Of a question that came before the server restarted; whoever asked has given up.
        is_late_answer = 'publish to "_inbox.' in said
        if "permissions violation" in said and not is_late_answer:
            # Not an outage: it will not get better by waiting.
            logger.error("NATS does not let this service do that: {}", error)
        elif isinstance(error, NatsError | OSError | TimeoutError):
            logger.debug("NATS: {!r}", error)
        else:  # a callback of ours that failed
            logger.opt(exception=error).error("what came from NATS could not be dealt with")

    options: dict[str, Any] = {
        "connect_timeout": _CONNECT_TIMEOUT,
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "ping_interval": 10,
        "max_outstanding_pings": 3,
        "disconnected_cb": on_disconnect,
        "reconnected_cb": on_reconnect,
        "error_cb": on_error,
        "pending_size": 8 * 1024 * 1024,
        **binding.access.options(),
    }
    try:
        await client.connect(binding.url.split(","), name=binding.name, **options)
    except BaseException:
        await client.close()  # cancelled in the middle of the handshake, it has a socket already
        raise
    return client


def _bound() -> _Binding:
    if _binding is None:
        raise RuntimeError("bind_nats must be called before NATS is used")
    return _binding
