"""Fillings of spaces, and runs that a person started."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.embedding.repository.spaces import find_space, space_record
from services.embedding.spaces import RunStatus, Space
from shared.contracts.embedding import ReindexRecord
from shared.contracts.errors import not_found
from shared.messaging.transaction import Transaction

_BEGIN = text(
    "INSERT INTO embedding.reindex_runs (run_id, space_id, status) VALUES (:run_id, :space_id, 'pending')"
)
_FIND = text(
    "SELECT run_id, space_id, status, success, failed, skipped, failure FROM embedding.reindex_runs"
    " WHERE run_id = :run_id"
)
_OPEN = text(
    """
    SELECT run_id FROM embedding.reindex_runs WHERE space_id = :space_id AND status IN ('pending', 'running')
    ORDER BY created_at DESC LIMIT 1
    """
)
_RUNS = text(
    """
    UPDATE embedding.reindex_runs SET status = 'running', had = coalesce(had, :embedded)
    WHERE run_id = :run_id
    """
)
_COUNT = text(
    """
    UPDATE embedding.reindex_runs SET success = greatest(:embedded - had, 0), skipped = least(had, :embedded),
        failed = :failed
    WHERE run_id = :run_id AND had IS NOT NULL
    """
)
_FINISH = text(
    """
    UPDATE embedding.reindex_runs SET status = :status, failure = CAST(:failure AS text), finished_at = now()
    WHERE run_id = :run_id
    """
)
_NEW_RUN = text(
    "INSERT INTO embedding.embedding_runs (run_id) VALUES (:run_id) ON CONFLICT DO NOTHING RETURNING run_id"
)


async def begin_reindex(tx: Transaction, run_id: UUID, space_id: int) -> None:
    """Note that a space is to be filled."""
    await tx.execute(_BEGIN, {"run_id": run_id, "space_id": space_id})


async def open_reindex(tx: Transaction, space_id: int) -> UUID | None:
    """The filling of a space that has not ended."""
    run_id: UUID | None = (await tx.execute(_OPEN, {"space_id": space_id})).scalar()
    return run_id


async def note_running(tx: Transaction, run_id: UUID, space: Space) -> None:
    """Note that a filling runs, and what was in the space when it first did."""
    record = await space_record(tx, space)
    await tx.execute(_RUNS, {"run_id": run_id, "embedded": record.embedded})


async def count_reindex(tx: Transaction, run_id: UUID, space: Space) -> ReindexRecord:
    """Bring a filling's counts up to what is in its space; returns how it stands."""
    record = await space_record(tx, space)
    await tx.execute(_COUNT, {"run_id": run_id, "embedded": record.embedded, "failed": record.failed})
    return await reindex_record(tx, run_id)


async def finish_reindex(
    tx: Transaction, run_id: UUID, status: RunStatus, failure: str | None = None
) -> None:
    """Note that a filling has ended."""
    await tx.execute(_FINISH, {"run_id": run_id, "status": status, "failure": failure})


async def find_reindex(tx: Transaction, run_id: UUID) -> ReindexRecord | None:
    """How a filling stands; None when there is none with this id."""
    row: Any = (await tx.execute(_FIND, {"run_id": run_id})).one_or_none()
    space = None if row is None else await find_space(tx, row.space_id)
    if space is None:
        return None
    return ReindexRecord(
        run_id=row.run_id,
        space=await space_record(tx, space),
        status=row.status,
        success=row.success,
        failed=row.failed,
        skipped=row.skipped,
        failure=row.failure,
    )


async def reindex_record(tx: Transaction, run_id: UUID) -> ReindexRecord:
    """How a filling stands.

    Raises:
        QueryError: `not_found`, when there is none with this id.
    """
    found = await find_reindex(tx, run_id)
    if found is None:
        raise not_found(f"reindex {run_id}")
    return found


async def begin_run(tx: Transaction, run_id: UUID) -> bool:
    """Note a run that a person starts; returns whether it is new."""
    return (await tx.execute(_NEW_RUN, {"run_id": run_id})).first() is not None
