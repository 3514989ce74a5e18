"""Spaces and their fillings: rows and transitions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.embedding.repository.space_tables import drop_tables
from services.embedding.repository.vectors import coverage_of
from services.embedding.spaces import Space, Target
from services.embedding.tables import VectorSpace
from shared.contracts.embedding import SpaceRecord, SpaceStatus
from shared.database.columns import columns_of
from shared.messaging.transaction import Transaction

_SELECT = f"""
    SELECT {columns_of(VectorSpace, "s")}, (SELECT r.status FROM embedding.reindex_runs r
        WHERE r.space_id = s.id ORDER BY r.created_at DESC, r.run_id LIMIT 1) AS run_status
    FROM embedding.vector_spaces s
"""  # noqa: S608 - the names are our own
_ALL = text(
    _SELECT
    + " ORDER BY array_position(ARRAY['active', 'building', 'failed', 'retired'], s.status), s.id DESC"
)
_ONE = text(_SELECT + " WHERE s.id = :space_id")
_LIVE = text(_SELECT + " WHERE s.status IN ('active', 'building') ORDER BY s.status, s.id")
_ACTIVE = text(_SELECT + " WHERE s.status = 'active'")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('embedding spaces'))")
_MAKE = text(
    """
    INSERT INTO embedding.vector_spaces (provider_id, document_model, query_model, basic_mode, status)
    VALUES (:provider_id, :document_model, :query_model, :basic_mode, 'building') RETURNING id
    """
)
_END = text(
    """
    UPDATE embedding.vector_spaces SET status = :status, ended_at = now(), moved_at = now(),
        failure = coalesce(CAST(:failure AS text), failure)
    WHERE id = :space_id
    """
)
_BEGIN_AGAIN = text(
    """
    UPDATE embedding.vector_spaces SET failure = NULL, ended_at = NULL, moved_at = now(),
        status = CASE status WHEN 'active' THEN 'active' ELSE 'building' END
    WHERE id = :space_id
    """
)
_NOTE = text("UPDATE embedding.vector_spaces SET failure = :failure, moved_at = now() WHERE id = :space_id")
_GETS_ON = text("UPDATE embedding.vector_spaces SET moved_at = now() WHERE id = :space_id")
_MEASURED = text(
    """
    UPDATE embedding.vector_spaces SET dimension = :dimension, common_to_queries = CAST(:common AS real[])
    WHERE id = :space_id
    """
)
_ACTIVATE = text(
    """
    UPDATE embedding.vector_spaces SET status = 'active', activated_at = now(), ended_at = NULL,
        failure = NULL, moved_at = now()
    WHERE id = :space_id
    """
)
_REMOVE = text("DELETE FROM embedding.vector_spaces WHERE id = :space_id AND status IN ('retired', 'failed')")


async def lock_spaces(tx: Transaction) -> None:
    """Be the only one who makes, ends or activates spaces, until the transaction ends."""
    await tx.execute(_LOCK)


async def all_spaces(tx: Transaction) -> list[Space]:
    """Every space, the active one first."""
    return [_space(row) for row in await tx.execute(_ALL)]


async def live_spaces(tx: Transaction, provider_id: UUID | None = None) -> list[Space]:
    """The spaces into which items are embedded: the active one and any that is being built.

    Those without a known dimension are left out: they have no tables yet.

    Args:
        tx: The transaction.
        provider_id: Only this provider's.
    """
    found = [_space(row) for row in await tx.execute(_LIVE)]
    return [space for space in found if space.has_tables and provider_id in (None, space.provider_id)]


async def spaces_with_tables(tx: Transaction) -> list[Space]:
    """Every space in which there can be vectors."""
    return [space for space in await all_spaces(tx) if space.has_tables]


async def find_space(tx: Transaction, space_id: int) -> Space | None:
    """One space."""
    row = (await tx.execute(_ONE, {"space_id": space_id})).one_or_none()
    return None if row is None else _space(row)


async def active_space(tx: Transaction) -> Space | None:
    """The space that is searched."""
    row = (await tx.execute(_ACTIVE)).one_or_none()
    return None if row is None else _space(row)


async def make_space(tx: Transaction, target: Target) -> int:
    """Make the space of an embedder, to be filled; returns its id."""
    made = await tx.execute(
        _MAKE,
        {
            "provider_id": target.provider_id,
            "document_model": target.document_model,
            "query_model": target.query_model,
            "basic_mode": target.basic_mode,
        },
    )
    return int(made.scalar_one())


async def end_space(tx: Transaction, space_id: int, status: SpaceStatus, failure: str | None = None) -> None:
    """Retire a space, or say that it failed and why."""
    await tx.execute(_END, {"space_id": space_id, "status": status, "failure": failure})


async def begin_again(tx: Transaction, space_id: int) -> None:
    """Have a space that failed or was retired built again; an active one stays active."""
    await tx.execute(_BEGIN_AGAIN, {"space_id": space_id})


async def note_failure(tx: Transaction, space_id: int, failure: str | None) -> None:
    """Say that a space got on (None), or what holds it up."""
    await tx.execute(_NOTE, {"space_id": space_id, "failure": failure})


async def note_getting_on(tx: Transaction, space_id: int) -> None:
    """Say that somebody is at work on a space."""
    await tx.execute(_GETS_ON, {"space_id": space_id})


async def note_measures(
    tx: Transaction, space_id: int, dimension: int, common_to_queries: Sequence[float] | None = None
) -> None:
    """Say how long a space's vectors are, and what those of all queries have in common."""
    await tx.execute(
        _MEASURED,
        {
            "space_id": space_id,
            "dimension": dimension,
            "common": None if common_to_queries is None else list(common_to_queries),
        },
    )


async def activate_space(tx: Transaction, space_id: int) -> None:
    """Let a space take over; the one that was active is retired in the same transaction."""
    active = await active_space(tx)
    if active is not None and active.id != space_id:
        await end_space(tx, active.id, "retired")
    await tx.execute(_ACTIVATE, {"space_id": space_id})


async def remove_space(tx: Transaction, space_id: int) -> None:
    """Remove an ended space, its vectors, failures and fillings with it."""
    removed = await tx.execute(_REMOVE, {"space_id": space_id})
    if removed.rowcount:
        await drop_tables(tx, space_id)


async def space_record(tx: Transaction, space: Space) -> SpaceRecord:
    """A space as others may know it, with its counts."""
    kinds = await coverage_of(tx, space.id, has_tables=space.has_tables)
    return SpaceRecord(
        id=space.id,
        provider_id=space.provider_id,
        document_model=space.document_model,
        query_model=space.query_model,
        dimension=space.dimension,
        status=space.status,
        embedded=sum(kind.embedded for kind in kinds),
        wanted=sum(kind.wanted for kind in kinds),
        failed=sum(kind.failed for kind in kinds),
        basic_mode=space.basic_mode,
        failure=space.failure,
        created_at=space.created_at,
        activated_at=space.activated_at,
    )


async def space_records(tx: Transaction, spaces: Sequence[Space]) -> list[SpaceRecord]:
    """Spaces as others may know them."""
    return [await space_record(tx, space) for space in spaces]


def _space(row: Any) -> Space:
    return Space(**{name: getattr(row, name) for name in Space.__dataclass_fields__})
