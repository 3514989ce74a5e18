"""Bring a service's schema to the version that its code needs: `python -m shared.database.migrate scoring`.

Connects as the service's own role (`TT_DATABASE_URL`). It may run while the service runs, of this release and
of the one before (docs/upgrades.md): each migration is a transaction of its own and waits for no lock longer
than a moment, but lets go and tries again. Many containers may start it at once: one migrates, others wait.
"""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.database.engine import make_engine
from shared.database.versions import current_version, note_suited, suited_by, suited_versions

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# Alembic is imported where it is used: it logs at once, which must not come before the logs are set up.
_ENVIRONMENT = Path(__file__).parent / "environment"

_TRIES = 20
_PAUSE = 3.0
"""As long as it waited for the lock: what came to the table meanwhile has its turn."""

_TURN_EVERY = 0.5
_LOCK_NOT_AVAILABLE = "55P03"


class MigrationError(RuntimeError):
    """The schema was not brought to the version; says why, and what to do."""


def migrations_of(service: str) -> "Config":
    """Alembic's configuration for the versions in `services/<service>/migrations`."""
    from alembic.config import Config

    package = importlib.import_module(f"services.{service}")
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(Path(package.__path__[0]) / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def scripts_of(service: str) -> "ScriptDirectory":
    """The service's migrations."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(migrations_of(service))


def newest_version(service: str) -> str | None:
    """The version that the code needs."""
    return scripts_of(service).get_current_head()


def knows(service: str, version: str) -> bool:
    """Whether a version is one of this release, and not of a later one."""
    return version in {script.revision for script in scripts_of(service).walk_revisions()}


async def migrate(service: str, url: str) -> tuple[str | None, str | None]:
    """Migrate the service's schema to the newest version; one that is ahead and suits this code stays so.

    Returns:
        The versions before and after.

    Raises:
        MigrationError: The schema is ahead and does not suit this code any more, or a lock was not to be had.
    """
    engine = make_engine(url, pool_size=2, name=f"{service} migrations", patience=None)
    try:
        async with engine.connect() as turn:
            await _wait_for_turn(turn, service)
            try:
                return await _migrate(service, engine)
            finally:
                await turn.invalidate()  # the lock is its session's
    finally:
        await engine.dispose()


async def _wait_for_turn(turn: AsyncConnection, service: str) -> None:
    """Wait until nobody else migrates the service.

    By asking again and again: a session that waits within a statement is one for which, in the session that
    migrates, `CREATE INDEX CONCURRENTLY` would wait in turn.
    """
    await turn.execution_options(isolation_level="AUTOCOMMIT")
    lock = text("SELECT pg_try_advisory_lock(hashtext(:name))")
    while True:
        if await turn.scalar(lock, {"name": f"migrate {service}"}):
            return
        await asyncio.sleep(_TURN_EVERY)


async def _migrate(service: str, engine: AsyncEngine) -> tuple[str | None, str | None]:
    scripts = scripts_of(service)
    async with engine.connect() as connection:
        before = await current_version(service, connection)
        if before is not None and not knows(service, before):
            await _check_suited(service, connection, before, scripts.get_current_head())
            return before, before
        await connection.commit()
        for tried in range(1, _TRIES + 1):
            try:
                await connection.run_sync(_upgrade, service, scripts)
                await connection.commit()
                break
            except DBAPIError as error:
                await connection.rollback()
                if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
                if tried == _TRIES:
                    raise MigrationError(
                        f"{service}: a table was in use whenever a migration was to change it ({_TRIES} "
                        "tries). Look for long transactions in pg_stat_activity, end them, and run it again."
                    ) from error
                await asyncio.sleep(_PAUSE)
        return before, await current_version(service, connection)


async def _check_suited(service: str, connection: AsyncConnection, at: str, needed: str | None) -> None:
    if needed not in await suited_versions(service, connection):
        raise MigrationError(
            f"{service}: the schema is at {at}, which is newer than this release ({needed}) and does not "
            "suit it any more. Deploy the release that made it, or restore the backup from before it."
        )


def _upgrade(connection: Connection, service: str, scripts: "ScriptDirectory") -> None:
    from alembic import command

    from shared.database.online import LOCK_TIMEOUT

    def note(heads: set[str]) -> None:
        note_suited(connection, service, [version for head in heads for version in suited_by(scripts, head)])

    def note_step(*, heads: set[str], **_: Any) -> None:
        note(heads)

    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    config = migrations_of(service)
    config.attributes.update(connection=connection, schema=service, on_version_apply=note_step)
    command.upgrade(config, "head")
    # Also for a schema that was migrated before it was noted.
    note(set(scripts.get_heads()))


def main() -> int:
    """Migrate the service named on the command line."""
    if len(sys.argv) != 2 or "TT_DATABASE_URL" not in os.environ:  # noqa: PLR2004
        sys.stderr.write("usage: TT_DATABASE_URL=postgresql://… python -m shared.database.migrate SERVICE\n")
        return 2
    service = sys.argv[1]
    try:
        before, after = asyncio.run(migrate(service, os.environ["TT_DATABASE_URL"]))
    except MigrationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if before == after:
        sys.stdout.write(f"{service}: at {after}, nothing to do\n")
    else:
        sys.stdout.write(f"{service}: {before or 'empty'} -> {after}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
