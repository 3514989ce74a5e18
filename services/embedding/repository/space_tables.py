"""The tables and indexes of a space's vectors: made with the space, dropped with it.

A table a space and kind, rather than one table for all: its column has the space's dimension, its HNSW index
holds nothing else, and dropping a space frees its disk at once. Vectors have 16 bits a number: measured
beside 32, neighbours are the same at half the size. What searches of messages are narrowed by lies beside the
vector, so that the index scan need look nowhere else.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.embedding.repository.sources import KINDS, vectors_table
from shared.contracts.embedding import ItemKind
from shared.database.engine import engine
from shared.messaging.transaction import Transaction

_INLINE_UP_TO = 3072
_BUILD_SECONDS = 12 * 3600.0
_LOCK_PATIENCE = "5s"
_ORPHANED_FOR = "10s"
"""So long Postgres goes on with an index for a worker that was killed; its successor has to wait for that."""

_FILTERED_BY = """
    chat_id bigint NOT NULL,
    author_id bigint,
    sent_at timestamptz NOT NULL,
    message_class text NOT NULL,
"""
# Whatever a search is narrowed by, an index alone says which rows remain.
_NARROWING = {
    "by_chat": "(chat_id, sent_at) INCLUDE (author_id, message_class)",
    "by_author": "(author_id, sent_at) INCLUDE (chat_id, message_class)",
    "by_time": "(sent_at) INCLUDE (chat_id, author_id, message_class)",
}


async def make_tables(tx: Transaction, space_id: int, dimension: int) -> None:
    """Make a space's tables, without the index of neighbours."""
    for kind in KINDS:
        table = vectors_table(kind, space_id)
        columns = _FILTERED_BY if kind == "message" else ""
        await tx.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {table} (item_id bigint PRIMARY KEY, {columns}"
                f" content_hash text NOT NULL, embedding halfvec({dimension:d}) NOT NULL)"
            )
        )
        if dimension <= _INLINE_UP_TO:
            # A whole vector fits into a page beside its row: comparing all of a few thousand is quicker so.
            await tx.execute(text(f"ALTER TABLE {table} ALTER COLUMN embedding SET STORAGE PLAIN"))
    table = vectors_table("message", space_id)
    for name, columns in _NARROWING.items():
        index = f"message_vectors_{space_id:d}_{name}"
        await tx.execute(text(f"CREATE INDEX IF NOT EXISTS {index} ON {table} {columns}"))


async def index_at_once(tx: Transaction, space_id: int) -> None:
    """Make the indexes of neighbours of tables that are empty still."""
    for kind in KINDS:
        await tx.execute(text(_index_of(kind, space_id)))


async def index_filled(space_id: int, memory_mb: int) -> None:
    """Make the indexes of neighbours of tables that were filled, while others go on writing into them.

    What an interrupted attempt has left is removed first.

    Args:
        space_id: The space.
        memory_mb: For the building; an index that is larger than that is built much more slowly.
    """
    async with engine().connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for kind in KINDS:
            name = _name_of(kind, space_id)
            if not await _is_usable(connection, name):
                await _run_for_long(connection, f"DROP INDEX CONCURRENTLY IF EXISTS embedding.{name}")
            await _run_for_long(connection, f"SET maintenance_work_mem = '{memory_mb:d}MB'")
            await _run_for_long(connection, f"SET client_connection_check_interval = '{_ORPHANED_FOR}'")
            await _run_for_long(connection, _index_of(kind, space_id, "CONCURRENTLY"))
            await _run_for_long(connection, f"ANALYZE {vectors_table(kind, space_id)}")
        await _run_for_long(connection, "RESET maintenance_work_mem")
        await _run_for_long(connection, "RESET client_connection_check_interval")


async def drop_tables(tx: Transaction, space_id: int) -> None:
    """Drop a space's tables, unless somebody reads them for longer than a moment."""
    await tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_PATIENCE}'"))
    for kind in KINDS:
        await tx.execute(text(f"DROP TABLE IF EXISTS {vectors_table(kind, space_id)}"))


def _name_of(kind: ItemKind, space_id: int) -> str:
    return f"{kind}_vectors_{space_id:d}_near"


def _index_of(kind: ItemKind, space_id: int, concurrently: str = "") -> str:
    return (
        f"CREATE INDEX {concurrently} IF NOT EXISTS {_name_of(kind, space_id)}"
        f" ON {vectors_table(kind, space_id)} USING hnsw (embedding halfvec_cosine_ops)"
    )


async def _is_usable(connection: AsyncConnection, name: str) -> bool:
    usable = text(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('embedding.' || CAST(:name AS text))"
    )
    return bool(await connection.scalar(usable, {"name": name}))


async def _run_for_long(connection: AsyncConnection, statement: str) -> None:
    """Run a statement for which the pool's time limit is too short."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    await driver.execute(statement, timeout=_BUILD_SECONDS)
