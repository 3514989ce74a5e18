"""The tables are what the mappings say, and provisioning may be done again."""

import asyncio
import importlib
from typing import Any

import asyncpg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from shared.database.engine import bind_database, dispose_database, engine
from shared.database.migrate import migrate, newest_version
from shared.database.provision import provision
from shared.database.versions import TABLE, current_version
from tests.conftest import SERVICES, Database

# Indexes and constraints are the migrations' to make: nothing in the code reads them from the mappings.
_DIFFERENCES = {"add_table", "remove_table", "add_column", "remove_column"}


@pytest.mark.parametrize("service", SERVICES)
def test_migrated_schema_is_what_the_mappings_say(database: Database, service: str) -> None:
    tables = importlib.import_module(f"services.{service}.tables")

    def compare(connection: sqlalchemy.Connection) -> list[object]:
        connection.dialect.default_schema_name = (
            "public"  # else its own schema would be reflected without its name
        )
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: belongs(kind, name),
                "compare_type": False,  # an enum of ours is text to Postgres
            },
        )
        found: list[Any] = compare_metadata(context, tables.Base.metadata)
        return [each for each in found if isinstance(each, list) or each[0] in _DIFFERENCES]

    def belongs(kind: str, name: str | None) -> bool:
        if kind == "schema":
            return name == service
        return kind != "table" or name not in {"outbox", "alembic_version", TABLE, "llm_answers"}

    async def differences() -> tuple[list[object], str | None]:
        await migrate(service, database.url(service))
        bind_database(database.url(service), service)
        try:
            async with engine().connect() as connection:
                return await connection.run_sync(compare), await current_version(service, connection)
        finally:
            await dispose_database()

    found, version = asyncio.run(differences())
    assert version == newest_version(service)
    assert found == []


def test_provisioning_again_and_at_once_changes_nothing(postgres_url: str, database: Database) -> None:
    async def again() -> None:
        await asyncio.gather(
            *(
                provision(
                    postgres_url,
                    dict.fromkeys(SERVICES, "test"),
                    database=database.name,
                    role_prefix=database.role_prefix,
                )
                for _ in range(3)
            )
        )
        connection = await asyncpg.connect(database.url("scoring"))
        try:
            assert await connection.fetchval("SELECT count(*) FROM scoring.outbox") == 0
        finally:
            await connection.close()

    asyncio.run(again())
