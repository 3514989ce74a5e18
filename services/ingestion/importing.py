"""Running an import: batch by batch, each in one transaction with the job's checkpoint."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from loguru import logger

from services.ingestion.export_file import Batch, ExportFile
from services.ingestion.merge import Road
from services.ingestion.repository.chats import SeenChat, ensure_chats
from services.ingestion.repository.jobs import (
    Progress,
    advance_job,
    begin_job,
    end_job,
    get_job,
    is_cancel_requested,
    keep_errors,
)
from services.ingestion.saving import save_messages
from services.ingestion.settings import IngestionSettings
from services.ingestion.telegram.export_faults import UnreadableExport
from shared.contracts.ingestion import (
    IngestionCompleted,
    IngestionFailed,
    IngestionProgress,
    IngestionStarted,
    JobRecord,
    JobStatus,
)
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.messaging.transaction import transaction
from shared.messaging.uploads import delete_upload, fetch_upload
from shared.service import FinalFailure, read_settings

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_GONE = "The uploaded file is no longer there: uploads are kept for a week. Upload it again."


class _Stopped(Exception):  # noqa: N818 - not a defect: rolls the batch back
    """The job was cancelled, or another runner has it."""


async def run_import(job_id: UUID) -> dict[str, int]:
    """Import a job's upload, from its checkpoint to the end of the file.

    Returns:
        The job's counters.

    Raises:
        FinalFailure: The file cannot be read, or not to its end; what was read stays.
    """
    with (
        logger.contextualize(job_id=str(job_id)),
        TemporaryDirectory(prefix="task-tracker-import-") as folder,
    ):
        job, checkpoint = await _begin(job_id)
        if job.status != "running":
            logger.info("the job is {} already", job.status)
            return counters(job)
        path = Path(folder) / "upload"
        if not await fetch_upload(str(job_id), path):
            await _end(job_id, "failed", _GONE)
            raise FinalFailure(_GONE)
        try:
            await _import_file(job_id, path, checkpoint)
        except UnreadableExport as fault:
            await _end(job_id, "failed", str(fault))
            raise FinalFailure(str(fault)) from fault
        except _Stopped:
            await _end_if_cancelled(job_id)
        else:
            await _end(job_id, "completed")
        async with transaction() as tx:
            return counters(await get_job(tx, job_id))


async def _import_file(job_id: UUID, path: Path, checkpoint: int) -> None:
    async with aclosing(_batches(path, checkpoint)) as batches:
        async for batch in batches:
            checkpoint = await _keep(job_id, checkpoint, batch)


async def _batches(path: Path, checkpoint: int) -> AsyncGenerator[Batch, None]:
    """Batches of the file, each read in a thread while the one before it is being saved."""
    with ExportFile(path, batch=read_settings(IngestionSettings).import_batch, skip=checkpoint) as file:
        upcoming = asyncio.create_task(asyncio.to_thread(file.next_batch))
        try:
            while (batch := await upcoming) is not None:
                upcoming = asyncio.create_task(asyncio.to_thread(file.next_batch))
                yield batch
        finally:
            # The thread works on the file until it returns.
            await asyncio.wait([upcoming])


async def _keep(job_id: UUID, checkpoint: int, batch: Batch) -> int:
    """Save a batch and all that follows from it; returns the new checkpoint."""
    async with transaction() as tx:
        await ensure_chats(tx, [SeenChat(chat, _LONG_AGO) for chat in batch.chats])
        saved = await save_messages(tx, Road.EXPORT, batch.messages) if batch.messages else []
        if batch.errors:
            await keep_errors(tx, job_id, batch.errors)
        stored = sum(message.is_new for message in saved)
        progress = Progress(
            items=batch.items,
            fetched=len(batch.messages) + len(batch.errors) + batch.left_out,
            stored=stored,
            skipped=len(saved) - stored + batch.left_out,
            errors=batch.errors,
        )
        if not await advance_job(tx, job_id, checkpoint, progress):
            raise _Stopped
        to_score = [message.message_id for message in saved if message.text_changed]
        if to_score:
            tx.send(ScoreUnscoredMessages(message_ids=to_score))
        tx.publish(IngestionProgress(job=await get_job(tx, job_id)))
    return checkpoint + batch.items


async def _begin(job_id: UUID) -> tuple[JobRecord, int]:
    async with transaction() as tx:
        job, checkpoint = await begin_job(tx, job_id)
        if job.status == "running" and checkpoint == 0:
            tx.publish(IngestionStarted(job=job))
    return job, checkpoint


async def _end_if_cancelled(job_id: UUID) -> None:
    async with transaction() as tx:
        cancelled = await is_cancel_requested(tx, job_id)
    if cancelled:
        await _end(job_id, "cancelled")
    else:
        logger.info("another runner has the job")


async def _end(job_id: UUID, status: JobStatus, failure: str | None = None) -> None:
    async with transaction() as tx:
        if await end_job(tx, job_id, status, failure):
            job = await get_job(tx, job_id)
            tx.publish(IngestionCompleted(job=job) if status == "completed" else IngestionFailed(job=job))
    await delete_upload(str(job_id))
    logger.info("import {}", status)


def counters(job: JobRecord) -> dict[str, int]:
    """A job's counters, as the result of its task."""
    return {
        "success": job.messages_stored,
        "failed": job.errors_count,
        "skipped": job.messages_skipped,
    }
