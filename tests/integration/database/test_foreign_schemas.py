"""Each database role is tried on everything of every other schema, and on what is everybody's: refused.

What there is to be tried is read from the catalogue, so that a new table is tried as well.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import product
from typing import TypeAlias

import asyncpg
import pytest

from shared.database.provision import role_of
from tests.conftest import SERVICES, Database, make_database

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

ON_A_TABLE = {
    "read": "SELECT FROM {name} LIMIT 1",
    "insert": "INSERT INTO {name} DEFAULT VALUES",
    "update": "UPDATE {name} SET {column} = {column}",
    "delete": "DELETE FROM {name}",
    "truncate": "TRUNCATE {name}",
    "lock": "LOCK TABLE {name} IN ACCESS SHARE MODE",
    "alter": "ALTER TABLE {name} ADD COLUMN mine int",
    "drop": "DROP TABLE {name}",
    "index": "CREATE INDEX ON {name} ({column})",
    "refer to": "CREATE TABLE mine (other {type} REFERENCES {name} ({column}))",
    "grant": "GRANT SELECT ON {name} TO PUBLIC",
    "watch": "CREATE TRIGGER mine AFTER INSERT ON {name} EXECUTE FUNCTION tsvector_update_trigger()",
}
ON_A_SEQUENCE = {
    "read": "SELECT last_value FROM {name}",
    "advance": "SELECT nextval('{name}')",
    "set": "SELECT setval('{name}', 1)",
}
IN_A_SCHEMA = {
    "table": "CREATE TABLE {schema}.mine (id int)",
    "view": "CREATE VIEW {schema}.mine AS SELECT 1",
    "function": "CREATE FUNCTION {schema}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "type": "CREATE TYPE {schema}.mine AS (id int)",
    "sequence": "CREATE SEQUENCE {schema}.mine",
}
OF_A_SCHEMA = {"drop": "DROP SCHEMA {schema} CASCADE", "rename": "ALTER SCHEMA {schema} RENAME TO mine"}
OF_A_ROLE = {
    "become": "SET ROLE {role}",
    "join": "GRANT {role} TO {own}",
    "password": "ALTER ROLE {role} PASSWORD 'mine'",
    "path": "ALTER ROLE {role} SET search_path = public",
}
OF_THE_SERVER = {
    "schema": "CREATE SCHEMA mine",
    "temporary table": "CREATE TEMPORARY TABLE mine (id int)",
    "role": "CREATE ROLE mine",
    "database": "CREATE DATABASE mine",
    "extension": "DROP EXTENSION vector",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "files": "SELECT pg_read_file('PG_VERSION')",
    "programs": "COPY (SELECT 1) TO PROGRAM 'true'",
    "settings": "ALTER SYSTEM SET work_mem = '1MB'",
}


@pytest.fixture(scope="module")
def shared_database(postgres_url: str) -> Iterator[Database]:
    """One for all tests here: what is refused changes nothing."""
    made = make_database(postgres_url)
    yield made

    async def drop() -> None:
        async with _connected(postgres_url) as admin:
            await admin.execute(f'DROP DATABASE "{made.name}" WITH (FORCE)')

    asyncio.run(drop())


@pytest.mark.parametrize("service", SERVICES)
def test_role_is_refused_all_of_every_other_schema(shared_database: Database, service: str) -> None:
    others = [other for other in SERVICES if other != service]
    statements = asyncio.run(_of_schemas(shared_database, others))
    assert {schema for schema, _ in statements} == set(others)
    assert _allowed(shared_database, service, [statement for _, statement in statements]) == []


@pytest.mark.parametrize("service", SERVICES)
def test_role_is_refused_what_is_everybodys(shared_database: Database, service: str) -> None:
    prefix = shared_database.role_prefix
    own = f'"{prefix}{role_of(service)}"'
    others = [f'"{prefix}{role_of(other)}"' for other in SERVICES if other != service]
    statements = [text.format(schema="public") for text in (*IN_A_SCHEMA.values(), *OF_A_SCHEMA.values())]
    statements += [text.format(role=role, own=own) for text, role in product(OF_A_ROLE.values(), others)]
    statements += OF_THE_SERVER.values()
    assert _allowed(shared_database, service, statements) == []


@pytest.mark.parametrize("service", SERVICES)
def test_role_may_work_in_its_own_schema(shared_database: Database, service: str) -> None:
    """So that the refusals above are for the schema's sake, not because nothing is allowed at all."""
    statements = asyncio.run(_of_schemas(shared_database, [service]))
    own = [text for _, text in statements if text.startswith(("SELECT", "INSERT", "LOCK", "CREATE"))]
    assert own
    assert _allowed(shared_database, service, own) == own


async def _of_schemas(database: Database, schemas: list[str]) -> list[tuple[str, str]]:
    """What is to be tried on these schemas and all that is in them, by schema."""
    url = f"{database.admin_url.rpartition('/')[0]}/{database.name}"
    async with _connected(url) as admin:
        tables = await admin.fetch(
            """
            SELECT DISTINCT ON (c.oid) n.nspname AS schema, c.oid::regclass::text AS name,
                quote_ident(a.attname) AS column, format_type(a.atttypid, a.atttypmod) AS type
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') ORDER BY c.oid, a.attnum
            """,
            schemas,
        )
        sequences = await admin.fetch(
            "SELECT schemaname AS schema, format('%I.%I', schemaname, sequencename) AS name "
            "FROM pg_sequences WHERE schemaname = ANY($1)",
            schemas,
        )
    found = [(row["schema"], text.format(**row)) for row, text in product(tables, ON_A_TABLE.values())]
    found += [(row["schema"], text.format(**row)) for row, text in product(sequences, ON_A_SEQUENCE.values())]
    whole = (*IN_A_SCHEMA.values(), *OF_A_SCHEMA.values())
    return found + [(schema, text.format(schema=schema)) for schema, text in product(schemas, whole)]


def _allowed(database: Database, service: str, statements: list[str]) -> list[str]:
    """Those that the service's role is not refused for want of rights; nothing of what they do stays."""

    async def attempt() -> list[str]:
        async with _connected(database.url(service)) as connection:
            return [text for text in statements if not await _is_refused(connection, text)]

    return asyncio.run(attempt())


async def _is_refused(connection: Connection, statement: str) -> bool:
    within = None if statement.startswith(("CREATE DATABASE", "ALTER SYSTEM")) else connection.transaction()
    try:
        if within is not None:
            await within.start()
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    except asyncpg.PostgresError:
        return False  # a row in the way, say: the rights were there
    finally:
        if within is not None:
            await within.rollback()
    return False


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
