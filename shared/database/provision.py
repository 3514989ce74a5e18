"""What an administrator does once: a role and a schema for each service, and what all of them share.

Each role owns its own schema and has no rights in any other. Run again, it changes nothing but passwords.
As a command, `python -m shared.database.provision`, it is told by variables: `TT_ADMIN_DATABASE_URL`, a
superuser's URL on any database of the server; `TT_PASSWORD_SCORING` and so on, the password of each service's
role; and `TT_DATABASE`, the database to make, unless it is `tasktracker`.
"""

import asyncio
import os
import re
import sys
from collections.abc import Mapping

import asyncpg

_NAME = re.compile(r"[a-z][a-z_]{0,40}")
_LOCK = 7_405_318
_ADMIN, _DATABASE, _PASSWORD = "TT_ADMIN_DATABASE_URL", "TT_DATABASE", "TT_PASSWORD_"
EXTENSIONS = ("vector", "pg_trgm", "unaccent")


def role_of(service: str) -> str:
    """The database role of a service, for example `tt_scoring`."""
    return f"tt_{service}"


async def provision(
    admin_url: str, services: Mapping[str, str], *, database: str = "tasktracker", role_prefix: str = ""
) -> None:
    """Make the database, and a role and a schema for each service.

    Args:
        admin_url: A superuser's URL on any database of the server.
        services: Each service's name and the password of its role.
        database: The database to make.
        role_prefix: Put before `tt_` in role names, so that several installations share one server.

    Raises:
        ValueError: When a service's name cannot stand in SQL.
        asyncpg.PostgresError: When the server refuses.
    """
    for name in services:
        if not _NAME.fullmatch(name):
            raise ValueError(f"service name {name!r} must be lower-case letters and underscores")
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _LOCK)
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await admin.execute(f'CREATE DATABASE "{database}"')
        for name, password in services.items():
            await _make_role(admin, role_prefix + role_of(name), password)
    finally:
        await admin.close()
    inside = await asyncpg.connect(admin_url, database=database)
    try:
        await _fill(inside, {name: role_prefix + role_of(name) for name in services}, database)
    finally:
        await inside.close()


async def _make_role(admin: "asyncpg.Connection[asyncpg.Record]", role: str, password: str) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    # Role statements take no parameters: the server quotes the password itself.
    quoted = await admin.fetchval("SELECT quote_literal($1::text)", password)
    await admin.execute(f'{verb} ROLE "{role}" LOGIN PASSWORD {quoted}')


async def _fill(
    inside: "asyncpg.Connection[asyncpg.Record]", roles: Mapping[str, str], database: str
) -> None:
    await inside.execute("SELECT pg_advisory_lock($1)", _LOCK)
    await inside.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await inside.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for extension in EXTENSIONS:
        await inside.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public")
    for schema, role in roles.items():
        await inside.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{role}"')
        await inside.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}" AUTHORIZATION "{role}"')
        await inside.execute(f'REVOKE ALL ON SCHEMA "{schema}" FROM PUBLIC')
        await inside.execute(f'ALTER ROLE "{role}" SET search_path = "{schema}", public')


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Provision what the environment names; returns the exit code."""
    passwords = {
        name.removeprefix(_PASSWORD).lower(): value
        for name, value in environ.items()
        if name.startswith(_PASSWORD) and value
    }
    if not passwords or not environ.get(_ADMIN):
        sys.stderr.write(
            f"provision: set {_ADMIN} to a superuser's postgresql://… URL, and {_PASSWORD}SCORING and so on "
            "to the password of each service's role.\n"
        )
        return 2
    database = environ.get(_DATABASE) or "tasktracker"
    try:
        asyncio.run(provision(environ[_ADMIN], passwords, database=database))
    except (ValueError, OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"provision: {database} could not be provisioned: {error}\n")
        return 1
    sys.stdout.write(f"{database}: a role and a schema for {', '.join(sorted(passwords))}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
