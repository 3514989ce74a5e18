"""What a run's latest batch was asked about beside its messages."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.analysis.tables import AskedBatch
from shared.messaging.transaction import Transaction


async def find_asked(tx: Transaction, run_id: UUID, key: str) -> dict[str, Any] | None:
    """What was told beside the batch that has this key; None when a run has not asked about it last."""
    statement = select(AskedBatch.known).where(AskedBatch.run_id == run_id, AskedBatch.key == key)
    found: dict[str, Any] | None = (await tx.execute(statement)).scalar_one_or_none()
    return found


async def keep_asked(tx: Transaction, run_id: UUID, key: str, known: dict[str, Any]) -> dict[str, Any]:
    """Keep what is going to be told beside a batch, in place of what was with the one before.

    Returns:
        What holds: of two who keep something of one batch the first one's.
    """
    statement = insert(AskedBatch).values(run_id=run_id, key=key, known=known)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["run_id"],
            set_={"key": statement.excluded.key, "known": statement.excluded.known},
            where=AskedBatch.key != statement.excluded.key,
        )
    )
    return await find_asked(tx, run_id, key) or known
