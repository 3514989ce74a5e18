"""Bring a service's schema to the version that its code needs: `python -m shared.database.migrate scoring`.

Connects as the service's own role (`TT_DATABASE_URL`). An advisory lock makes many starting containers wait
for the one that migrates.
"""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.engine import make_engine

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where it is used: it logs at once, which must not come before the logs are set up.
_ENVIRONMENT = Path(__file__).parent / "environment"


def migrations_of(service: str) -> "Config":
    """Alembic's configuration for the versions in `services/<service>/migrations`."""
    from alembic.config import Config

    package = importlib.import_module(f"services.{service}")
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(Path(package.__path__[0]) / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def newest_version(service: str) -> str | None:
    """The version that the code needs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(migrations_of(service)).get_current_head()


async def migrate(service: str, url: str) -> tuple[str | None, str | None]:
    """Migrate the service's schema to the newest version.

    Returns:
        The versions before and after.
    """
    engine = make_engine(url, pool_size=1, name=f"{service} migrations")
    lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
    try:
        async with engine.begin() as connection:
            await connection.execute(lock, {"name": f"migrate {service}"})
            before = await current_version(service, connection)
            await connection.run_sync(_upgrade, service)
            return before, await current_version(service, connection)
    finally:
        await engine.dispose()


async def current_version(service: str, connection: AsyncConnection) -> str | None:
    """The version that the schema is at; None before the first migration."""
    table = f"{service}.alembic_version"
    if await connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
        return None
    version: str | None = await connection.scalar(text(f"SELECT version_num FROM {table}"))  # noqa: S608 - our own name
    return version


def _upgrade(connection: Connection, service: str) -> None:
    from alembic import command

    config = migrations_of(service)
    config.attributes.update(connection=connection, schema=service)
    command.upgrade(config, "head")


def main() -> int:
    """Migrate the service named on the command line."""
    if len(sys.argv) != 2 or "TT_DATABASE_URL" not in os.environ:  # noqa: PLR2004
        sys.stderr.write("usage: TT_DATABASE_URL=postgresql://… python -m shared.database.migrate SERVICE\n")
        return 2
    service = sys.argv[1]
    before, after = asyncio.run(migrate(service, os.environ["TT_DATABASE_URL"]))
    if before == after:
        sys.stdout.write(f"{service}: at {after}, nothing to do\n")
    else:
        sys.stdout.write(f"{service}: {before or 'empty'} -> {after}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
