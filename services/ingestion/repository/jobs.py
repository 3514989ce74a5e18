"""Ingestion jobs: their state, their counters, and the checkpoint that moves with each kept batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.ingestion.repository.history import chat_records_of
from services.ingestion.tables import IngestionError, IngestionJob
from shared.contracts.errors import not_found
from shared.contracts.ingestion import (
    CreateImportJob,
    HistoryChatRecord,
    JobErrorRecord,
    JobRecord,
    JobStatus,
)
from shared.messaging.transaction import Transaction

SHOWN_ERRORS = 100

_KEEP_ERRORS = text(
    """
    INSERT INTO ingestion.ingestion_errors (job_id, position, reason)
    SELECT :job_id, * FROM unnest(CAST(:positions AS text[]), CAST(:reasons AS text[]))
    ON CONFLICT (job_id, position) DO NOTHING
    """
)


class TimeAndJob(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of jobs."""

    at: datetime
    id: UUID


class Progress(msgspec.Struct, frozen=True):
    """What one batch adds to a job.

    Attributes:
        items: Items of the file that the batch dealt with, or 1 for a step of a history; the checkpoint moves
            by as many.
        fetched: Messages among them.
        stored: New ones.
        skipped: Known ones, and those that Telegram itself left out.
        errors: Position and reason of each that could not be read.
    """

    items: int
    fetched: int
    stored: int
    skipped: int
    errors: list[tuple[str, str]]


async def create_job(tx: Transaction, query: CreateImportJob) -> bool:
    """Make a pending job unless there is one with its id; returns whether it was made."""
    statement = (
        insert(IngestionJob)
        .values(
            id=query.job_id,
            kind="export",
            status="pending",
            source_name=query.source_name,
            size=query.size,
        )
        .on_conflict_do_nothing()
        .returning(IngestionJob.id)
    )
    return (await tx.execute(statement)).first() is not None


async def get_job(tx: Transaction, job_id: UUID) -> JobRecord:
    """One job with its first errors.

    Raises:
        QueryError: `not_found`.
    """
    row = (await tx.execute(_select_jobs().where(IngestionJob.id == job_id))).first()
    if row is None:
        raise not_found(f"ingestion job {job_id}")
    errors = await tx.execute(
        select(IngestionError.position, IngestionError.reason)
        .where(IngestionError.job_id == job_id)
        .order_by(IngestionError.id)
        .limit(SHOWN_ERRORS)
    )
    return _record(
        row,
        [JobErrorRecord(position=error.position, reason=error.reason) for error in errors],
        await chat_records_of(tx, job_id) if row.kind == "history" else [],
    )


async def list_jobs(
    tx: Transaction, *, status: JobStatus | None, kind: str | None, after: TimeAndJob | None, limit: int
) -> list[JobRecord]:
    """Jobs, newest first, without their errors."""
    statement = _select_jobs().order_by(IngestionJob.created_at.desc(), IngestionJob.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(IngestionJob.status == status)
    if kind is not None:
        statement = statement.where(IngestionJob.kind == kind)
    if after is not None:
        statement = statement.where(
            tuple_(IngestionJob.created_at, IngestionJob.id) < tuple_(after.at, after.id)
        )
    return [_record(row, [], []) for row in await tx.execute(statement)]


async def begin_job(tx: Transaction, job_id: UUID) -> tuple[JobRecord, int]:
    """Set a pending job running, and say from which checkpoint it goes on.

    Raises:
        QueryError: `not_found`.
    """
    await tx.execute(
        update(IngestionJob)
        .where(IngestionJob.id == job_id, IngestionJob.status == "pending")
        .values(status="running", started_at=func.now())
    )
    checkpoint = (await tx.execute(select(IngestionJob.checkpoint).where(IngestionJob.id == job_id))).scalar()
    return await get_job(tx, job_id), checkpoint or 0


async def advance_job(tx: Transaction, job_id: UUID, checkpoint: int, progress: Progress) -> bool:
    """Move a running job's checkpoint and counters on, if they are where this runner believes.

    Returns:
        False when another runner was here, or the job is to be cancelled or has ended.
    """
    statement = (
        update(IngestionJob)
        .where(
            IngestionJob.id == job_id,
            IngestionJob.checkpoint == checkpoint,
            IngestionJob.status == "running",
            IngestionJob.cancel_requested.is_(False),
        )
        .values(
            checkpoint=checkpoint + progress.items,
            messages_fetched=IngestionJob.messages_fetched + progress.fetched,
            messages_stored=IngestionJob.messages_stored + progress.stored,
            messages_skipped=IngestionJob.messages_skipped + progress.skipped,
            errors_count=IngestionJob.errors_count + len(progress.errors),
            current_batch=IngestionJob.current_batch + 1,
            waiting_until=None,
            waiting_for=None,
        )
    )
    return (await tx.execute(statement)).rowcount == 1


async def keep_errors(tx: Transaction, job_id: UUID, errors: Sequence[tuple[str, str]]) -> None:
    """Keep what could not be read, each position once."""
    positions, reasons = [position for position, _ in errors], [reason for _, reason in errors]
    await tx.execute(_KEEP_ERRORS, {"job_id": job_id, "positions": positions, "reasons": reasons})


async def end_job(tx: Transaction, job_id: UUID, status: JobStatus, failure: str | None = None) -> bool:
    """End a job that has not ended; returns whether it had not."""
    statement = (
        update(IngestionJob)
        .where(IngestionJob.id == job_id, IngestionJob.status.in_(("pending", "running")))
        .values(
            status=status,
            failure=failure,
            finished_at=func.now(),
            total_batches=IngestionJob.current_batch if status == "completed" else None,
            waiting_until=None,
            waiting_for=None,
        )
    )
    return (await tx.execute(statement)).rowcount == 1


async def request_cancel(tx: Transaction, job_id: UUID) -> None:
    """Ask a job's runner to stop before its next batch."""
    await tx.execute(update(IngestionJob).where(IngestionJob.id == job_id).values(cancel_requested=True))


async def is_cancel_requested(tx: Transaction, job_id: UUID) -> bool:
    """Whether a job is to be cancelled."""
    found = await tx.execute(select(IngestionJob.cancel_requested).where(IngestionJob.id == job_id))
    return bool(found.scalar())


def _select_jobs() -> Select[Any]:
    return select(*IngestionJob.__table__.columns)


def _record(row: Any, errors: list[JobErrorRecord], chats: list[HistoryChatRecord]) -> JobRecord:
    return JobRecord(
        id=row.id,
        kind=row.kind,
        status=row.status,
        source_name=row.source_name,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        messages_fetched=row.messages_fetched,
        messages_stored=row.messages_stored,
        messages_skipped=row.messages_skipped,
        errors_count=row.errors_count,
        current_batch=row.current_batch,
        total_batches=row.total_batches,
        error_log=errors,
        failure=row.failure,
        waiting_until=row.waiting_until,
        waiting_for=row.waiting_for,
        since=row.since,
        until=row.until,
        chats=chats,
    )
