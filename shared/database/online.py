"""What a migration does to a large table while the service goes on with it."""

from alembic import op

LOCK_TIMEOUT = "3s"
"""How long a migration waits for a lock: not long, as whoever comes to the table after it waits behind it."""


def create_index(name: str, table: str, definition: str, *, unique: bool = False) -> None:
    """Make an index without keeping anybody from writing meanwhile.

    It is made outside of a transaction and so belongs into a migration of its own: it would commit what stood
    before it in the same one. An interrupted one leaves an index that nobody uses; the next try removes it.

    Args:
        name: Of the index, without its schema.
        table: With its schema, for example `scoring.scores`.
        definition: What follows the table: `(chat_id)`, or `USING gin (chat_ids) WHERE kind = 'atom'`.
        unique: Whether it refuses what is there twice. When that is so already, the migration fails.
    """
    schema = table.partition(".")[0]
    with op.get_context().autocommit_block():
        # It waits for every transaction that began before it, which may be long; nobody waits behind it.
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{name}")
        kind = "UNIQUE INDEX" if unique else "INDEX"
        op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {table} {definition}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def drop_index(name: str, schema: str) -> None:
    """Remove an index without keeping anybody from reading or writing meanwhile."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{name}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
