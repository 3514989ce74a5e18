"""Extractions: begun, kept alive, ended, found."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.knowledge.pausing import Ended
from services.knowledge.tables import ExtractionRun
from shared.contracts.errors import not_found
from shared.contracts.extraction import ExtractionRecord, ExtractionStatus, ListExtractions, Trigger
from shared.messaging.transaction import Transaction

OPEN: tuple[ExtractionStatus, ...] = ("pending", "running")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
_SHOWN = frozenset(ExtractionRecord.__struct_fields__)
_NOT_BEGUN = 12


class TimeAndExtraction(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of extractions."""

    at: datetime
    id: UUID


async def lock_decisions(tx: Transaction) -> None:
    """Be the only one who decides what is claimed, until this transaction ends."""
    await tx.execute(_LOCK, {"name": "knowledge decisions"})


async def create_extraction(tx: Transaction, extraction_id: UUID, *, trigger: Trigger, **values: Any) -> bool:
    """Make a pending extraction unless there is one with its id; returns whether it was made."""
    statement = (
        insert(ExtractionRun)
        .values(id=extraction_id, status="pending", trigger=trigger, **values)
        .on_conflict_do_nothing()
        .returning(ExtractionRun.id)
    )
    return (await tx.execute(statement)).first() is not None


async def set_messages(tx: Transaction, extraction_id: UUID, messages: int) -> None:
    """Say how many messages an extraction has claimed."""
    await tx.execute(update(ExtractionRun).where(ExtractionRun.id == extraction_id).values(messages=messages))


async def take_over(tx: Transaction, extraction_id: UUID, runner: UUID, **values: Any) -> bool:
    """Begin to work on an extraction that has not ended, also when somebody else did before.

    Returns:
        False when it has ended.
    """
    statement = (
        update(ExtractionRun)
        .where(ExtractionRun.id == extraction_id, ExtractionRun.status.in_(OPEN))
        .values(
            status="running",
            runner=runner,
            started_at=func.coalesce(ExtractionRun.started_at, func.now()),
            alive_at=func.now(),
            **values,
        )
    )
    return (await tx.execute(statement)).rowcount == 1


async def update_mine(tx: Transaction, extraction_id: UUID, runner: UUID, **values: Any) -> bool:
    """Say that one works on an extraction, and keep what is known of it now; locks it.

    Returns:
        False when it is one's own no more: it was cancelled, given up for dead, or taken over.
    """
    statement = (
        update(ExtractionRun)
        .where(
            ExtractionRun.id == extraction_id,
            ExtractionRun.status == "running",
            ExtractionRun.runner == runner,
        )
        .values(alive_at=func.now(), **values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def say_waiting(tx: Transaction, extraction_id: UUID) -> None:
    """Say that an extraction is not forgotten, though nobody works on it yet."""
    await tx.execute(
        update(ExtractionRun)
        .where(ExtractionRun.id == extraction_id, ExtractionRun.status.in_(OPEN))
        .values(alive_at=func.now())
    )


async def add_to_mine(tx: Transaction, extraction_id: UUID, counts: dict[str, int]) -> None:
    """Add what one conversation came to, in the transaction that saves it, so that it counts once."""
    columns = {name: getattr(ExtractionRun, name) + number for name, number in counts.items()}
    if not columns:
        return
    await tx.execute(update(ExtractionRun).where(ExtractionRun.id == extraction_id).values(**columns))


async def end_extraction(
    tx: Transaction, extraction_id: UUID, status: ExtractionStatus, **values: Any
) -> bool:
    """End an extraction that has not ended; returns whether it had not."""
    statement = (
        update(ExtractionRun)
        .where(ExtractionRun.id == extraction_id, ExtractionRun.status.in_(OPEN))
        .values(status=status, finished_at=func.now(), **values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def lock_extraction(tx: Transaction, extraction_id: UUID) -> ExtractionStatus:
    """Lock an extraction; returns how it stands.

    Raises:
        QueryError: `not_found`.
    """
    statement = select(ExtractionRun.status).where(ExtractionRun.id == extraction_id).with_for_update()
    status: ExtractionStatus | None = (await tx.execute(statement)).scalar()
    if status is None:
        raise not_found(f"extraction {extraction_id}")
    return status


async def extraction_record(tx: Transaction, extraction_id: UUID) -> ExtractionRecord:
    """One extraction.

    Raises:
        QueryError: `not_found`.
    """
    row = (await tx.execute(_select().where(ExtractionRun.id == extraction_id))).one_or_none()
    if row is None:
        raise not_found(f"extraction {extraction_id}")
    return _record(row)


async def list_extractions(
    tx: Transaction, query: ListExtractions, after: TimeAndExtraction | None
) -> list[ExtractionRecord]:
    """Extractions, newest first; one more than the limit when more follow."""
    statement = (
        _select().order_by(ExtractionRun.created_at.desc(), ExtractionRun.id.desc()).limit(query.limit + 1)
    )
    if query.status is not None:
        statement = statement.where(ExtractionRun.status == query.status)
    if after is not None:
        key = tuple_(ExtractionRun.created_at, ExtractionRun.id)
        statement = statement.where(key < tuple_(after.at, after.id))
    return [_record(row) for row in await tx.execute(statement)]


async def requested_extractions(tx: Transaction, request_id: UUID) -> list[ExtractionRecord]:
    """The batches that a person asked for at once, the first in front."""
    statement = _select().where(ExtractionRun.request_id == request_id)
    found = [_record(row) for row in await tx.execute(statement)]
    return sorted(found, key=lambda record: (record.id != request_id, record.id))


async def count_open(tx: Transaction, trigger: Trigger) -> int:
    """How many extractions that were set off so have not ended."""
    statement = select(func.count()).where(ExtractionRun.status.in_(OPEN), ExtractionRun.trigger == trigger)
    return int((await tx.execute(statement)).scalar_one())


async def dead_extractions(tx: Transaction, dead_after: timedelta, *, lock: bool = False) -> Sequence[UUID]:
    """Extractions that nobody works on any more although they have not ended.

    Args:
        tx: The transaction.
        dead_after: Without a sign of life.
        lock: Lock them, so that nobody takes them over.
    """
    long_ago = func.now() - dead_after
    longer_ago = func.now() - dead_after * _NOT_BEGUN
    statement = select(ExtractionRun.id).where(
        ExtractionRun.status.in_(OPEN),
        ((ExtractionRun.status == "running") & (ExtractionRun.alive_at < long_ago))
        | (ExtractionRun.alive_at < longer_ago),
    )
    if lock:
        statement = statement.with_for_update(skip_locked=True)
    return (await tx.execute(statement)).scalars().all()


async def ended_last(tx: Transaction) -> Ended | None:
    """How the extraction that ended last did; None when none has."""
    columns = [getattr(ExtractionRun, field.name) for field in fields(Ended)]
    statement = (
        select(*columns)
        .where(ExtractionRun.finished_at.is_not(None))
        .order_by(ExtractionRun.finished_at.desc())
        .limit(1)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Ended(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name


def _select() -> Select[Any]:
    return select(*(column for column in ExtractionRun.__table__.columns if column.name in _SHOWN))


def _record(row: Any) -> ExtractionRecord:
    return ExtractionRecord(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
