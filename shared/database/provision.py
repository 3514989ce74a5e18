"""What an administrator does once: a role and a schema for each service, and what all of them share.

Each role owns its own schema and has no rights in any other. Run again, it changes nothing but passwords.
"""

import re
from collections.abc import Mapping

import asyncpg

_NAME = re.compile(r"[a-z][a-z_]{0,40}")
_LOCK = 7_405_318
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
