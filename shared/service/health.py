"""Health: is this container alive, and is it ready, each dependency by its name."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import metadata
from pathlib import Path

import msgspec
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dramatiq_nats import stream_name
from shared.contracts.errors import QueryError
from shared.database.engine import engine
from shared.database.migrate import knows, newest_version
from shared.database.versions import current_version, suited_versions
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import broker_namespace, event_stream
from shared.service.heartbeats import STALE_AFTER, ages

_PATIENCE = 2.0
_FAILURES = (OSError, TimeoutError, NatsError, JetStreamError, SQLAlchemyError, QueryError, RuntimeError)


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at; `detail` says what was found, or what is wrong."""

    ok: bool
    detail: str | None = None


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of a health endpoint: `status` is `ok` only when every check is; `version` is the code's."""

    status: str
    checks: dict[str, Check]
    version: str | None = None


def version() -> str | None:
    """Which version of Task Tracker this is; None when it was not installed as a package."""
    try:
        return metadata.version("task-tracker")
    except metadata.PackageNotFoundError:
        return None


Looker = Callable[[], Awaitable[str | None]]


class Unhealthy(RuntimeError):  # noqa: N818 - a finding, not a defect
    """What a check found wrong."""


async def look(checks: dict[str, Looker]) -> Health:
    """Run all checks at once, each within two seconds."""
    found = await asyncio.gather(*(_look_at(check) for check in checks.values()))
    named = dict(zip(checks, found, strict=True))
    return Health("ok" if all(check.ok for check in found) else "failing", named)


async def _look_at(check: Looker) -> Check:
    try:
        return Check(True, await asyncio.wait_for(check(), _PATIENCE))
    except TimeoutError:
        return Check(False, f"no answer within {_PATIENCE:g} s")
    except _FAILURES as error:
        return Check(False, str(error).strip().splitlines()[0] if str(error).strip() else repr(error))


async def look_at_postgres() -> str | None:
    """Postgres answers."""
    async with engine().connect() as database:
        await database.execute(text("SELECT 1"))
    return None


async def look_at_nats() -> str | None:
    """NATS is connected and answers a ping."""
    client = await connection()
    if not client.is_connected:
        raise Unhealthy("not connected; reconnecting")
    await client.flush(timeout=1)
    return None


async def look_at_streams() -> str | None:
    """The streams of work and of events exist."""
    js = (await connection()).jetstream()
    for name in (stream_name(broker_namespace(bound_namespace())), event_stream(bound_namespace())):
        await js.stream_info(name)
    return None


def migrations_of(service: str) -> Looker:
    """The check that the schema suits the code: at its version, or a later one that took nothing away."""
    needed = newest_version(service)

    async def check() -> str | None:
        async with engine().connect() as database:
            at = await current_version(service, database)
            suited = await suited_versions(service, database)
        if needed in suited:
            return at if at == needed else f"at {at}, which suits {needed}"
        raise Unhealthy(_unsuited(service, at, needed))

    return check


def _unsuited(service: str, at: str | None, needed: str | None) -> str:
    if at is None or knows(service, at):
        return f"at {at}, needs {needed}: run python -m shared.database.migrate {service}"
    return f"at {at}, which does not suit {needed} any more: deploy the release that migrated it"


def workers_in(folder: Path) -> Looker:
    """The check that worker processes beat: at least one, and none that fell silent."""

    async def check() -> str | None:
        found = ages(folder)
        silent = [pid for pid, age in found.items() if age > STALE_AFTER]
        if silent or not found:
            raise Unhealthy(f"silent worker processes: {silent}" if silent else "no worker process has begun")
        return f"{len(found)} worker processes"

    return check
