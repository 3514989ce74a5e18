"""Which versions of a service's code its schema suits, beside the version that it is at.

While one release takes over from another, the code of both runs on one schema, which is at the newer one's
version. Alembic keeps that version alone, and the older code cannot know whether its own is contained in it.
So whoever migrates notes, in each migration's own transaction, every version whose code runs on the schema
from then on. Migrations only add, so that is all of them; until one takes something away, and says by
`runs_with` which is the oldest version whose code can do without.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

TABLE = "suited_versions"

_MAKE = "CREATE TABLE IF NOT EXISTS {schema}.suited_versions (version text PRIMARY KEY)"
_FORGET = "DELETE FROM {schema}.suited_versions WHERE NOT version = ANY(CAST(:versions AS text[]))"
_NOTE = """
    INSERT INTO {schema}.suited_versions (version) SELECT unnest(CAST(:versions AS text[]))
    ON CONFLICT DO NOTHING
"""


def suited_by(scripts: "ScriptDirectory", version: str) -> list[str]:
    """The versions whose code runs on a schema that is at `version`, oldest first.

    Raises:
        ValueError: When a migration's `runs_with` names none of the versions before it.
    """
    suited: list[str] = []
    for script in reversed(list(scripts.iterate_revisions(version, "base"))):
        suited.append(script.revision)
        oldest = getattr(script.module, "runs_with", None)
        if oldest is None:
            continue
        if oldest not in suited:
            raise ValueError(f"{script.revision} runs with {oldest!r}, which is no version before it")
        suited = suited[suited.index(oldest) :]
    return suited


def note_suited(connection: Connection, schema: str, versions: list[str]) -> None:
    """Note, in the running transaction, that these and no other versions of the code suit the schema."""
    connection.execute(text(_MAKE.format(schema=schema)))
    for statement in (_FORGET, _NOTE):
        connection.execute(text(statement.format(schema=schema)), {"versions": versions})


async def current_version(schema: str, connection: AsyncConnection) -> str | None:
    """The version that the schema is at; None before the first migration."""
    rows = await _values(connection, schema, "alembic_version", "version_num")
    return rows[0] if rows else None


async def suited_versions(schema: str, connection: AsyncConnection) -> set[str]:
    """The versions whose code runs on the schema as it is."""
    at = await current_version(schema, connection)
    # Whoever migrated before this was noted left the table out: then its version alone is known to suit.
    return {*await _values(connection, schema, TABLE, "version"), *([at] if at else [])}


async def _values(connection: AsyncConnection, schema: str, table: str, column: str) -> list[str]:
    name = f"{schema}.{table}"
    if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
        return []
    return list(await connection.scalars(text(f"SELECT {column} FROM {name}")))  # noqa: S608 - our own names
