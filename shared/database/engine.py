"""The process's engine: one pool on the service's own schema, made when first used.

Bound once at start by `bind_database`. An engine belongs to the event loop on which it was made; a forked
child makes its own.
"""

import asyncio
import os
from dataclasses import dataclass

import msgspec
from sqlalchemy import URL, QueuePool, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_CONNECT_TIMEOUT = 10.0
_COMMAND_TIMEOUT = 120.0

_LOST_SOON = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""A node that vanishes without a word leaves its sessions on the server, with their locks: for two hours
by the server's own settings, so for 25 s.
See https://www.postgresql.org/docs/current/runtime-config-connection.html.
"""


@dataclass(frozen=True, slots=True)
class _Binding:
    url: URL
    schema: str
    pool_size: int


_binding: _Binding | None = None
_engines: dict[tuple[int, int, URL], AsyncEngine] = {}


def bind_database(url: str, schema: str, *, pool_size: int = 10) -> None:
    """Say which database and schema this process works on. Makes no connection.

    Args:
        url: `postgresql://user:password@host:port/name`.
        schema: The service's schema.
        pool_size: Connections at the most, a process.
    """
    global _binding  # noqa: PLW0603 - one binding a process, made at its start
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    _binding = _Binding(parsed, schema, pool_size)


def bound_schema() -> str:
    """The schema that this process works on.

    Raises:
        RuntimeError: When nothing was bound.
    """
    return _bound().schema


def engine() -> AsyncEngine:
    """The engine of the running event loop.

    Raises:
        RuntimeError: When nothing was bound, or outside of an event loop.
    """
    binding = _bound()
    key = (os.getpid(), id(asyncio.get_running_loop()), binding.url)
    found = _engines.get(key)
    if found is None:
        found = _engines[key] = make_engine(binding.url, pool_size=binding.pool_size, name=binding.schema)
    return found


def make_engine(
    url: URL | str, *, pool_size: int, name: str, patience: float | None = _COMMAND_TIMEOUT
) -> AsyncEngine:
    """Make an engine.

    Args:
        url: Where to; the driver is ours to choose.
        pool_size: Connections at the most.
        name: Shown as application_name in pg_stat_activity.
        patience: Seconds that a statement may take, its wait for locks included; None is no limit.
    """
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=False,
        json_serializer=_to_json,
        json_deserializer=msgspec.json.decode,
        connect_args={
            "timeout": _CONNECT_TIMEOUT,
            "command_timeout": patience,
            "prepared_statement_cache_size": 256,
            "server_settings": {
                "application_name": f"task-tracker {name}",
                "timezone": "UTC",
                "jit": "off",
                **_LOST_SOON,
            },
        },
    )


def connections_in_use() -> int:
    """How many connections of the running event loop's pools work at this moment."""
    here = (os.getpid(), id(asyncio.get_running_loop()))
    pools = [engine.pool for key, engine in _engines.items() if key[:2] == here]
    return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))


async def dispose_database() -> None:
    """Close the pools of the running event loop."""
    here = (os.getpid(), id(asyncio.get_running_loop()))
    for key in [key for key in _engines if key[:2] == here]:
        await _engines.pop(key).dispose()


def _bound() -> _Binding:
    if _binding is None:
        raise RuntimeError("bind_database must be called before the database is used")
    return _binding


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
