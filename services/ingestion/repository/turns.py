"""Who holds the account's turn, which is an advisory lock."""

from sqlalchemy import text

from shared.messaging.transaction import Transaction

# How Postgres shows a lock of 64 bits: https://www.postgresql.org/docs/current/view-pg-locks.html
_HOLDER = text(
    """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = CAST(:high AS bigint) AND objid = CAST(:low AS bigint)
    """
)


async def holder_of(tx: Transaction, lock: int) -> int | None:
    """Which of Postgres's processes holds an advisory lock (a number of 64 bits); None when none does."""
    halves = {"high": (lock >> 32) & 0xFFFF_FFFF, "low": lock & 0xFFFF_FFFF}
    holder: int | None = await tx.connection.scalar(_HOLDER, halves)
    return holder
