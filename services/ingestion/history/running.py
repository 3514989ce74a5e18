"""Running a history job: chat after chat, newest message to oldest, a page a transaction with its checkpoint.

From the newest, so that what matters most is there first, and so that a page is told by the oldest message
that was kept: what is written meanwhile comes by the webhook and moves nothing.
"""

from uuid import UUID

from loguru import logger

from services.ingestion.history.asking import Asker, HopelessError, StoppedError
from services.ingestion.history.failures import NO_HISTORY, why_no_entry
from services.ingestion.history.keeping import Run, begin_chat, give_up_chat, keep_page
from services.ingestion.history.requests import former_group, full_channel_request, history_request
from services.ingestion.history.sessions import need_account
from services.ingestion.history.turns import AccountBusyError, account_turn
from services.ingestion.importing import counters
from services.ingestion.repository.history import (
    ChatToRead,
    have_all_failed,
    next_chat,
)
from services.ingestion.repository.jobs import (
    begin_job,
    end_job,
    get_job,
    is_cancel_requested,
)
from services.ingestion.telegram.history_pages import read_page
from services.ingestion.telegram.incoming import IncomingChat
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import (
    IngestionCompleted,
    IngestionFailed,
    IngestionStarted,
    JobRecord,
    JobStatus,
)
from shared.messaging.transaction import transaction
from shared.service import FinalFailure, NotNow

_TURN_PATIENCE = 1.0
_REPEATS = 3
"""How often a page may come that has nothing new."""

_NO_CHAT = "None of the chats could be read; the error log says why."


async def run_history(job_id: UUID) -> dict[str, int]:
    """Read a job's chats, from wherever it stands to the end.

    Returns:
        The job's counters.

    Raises:
        FinalFailure: The account or Telegram is gone, or no chat could be read; what was read stays.
        NotNow: Another job uses the account.
    """
    with logger.contextualize(job_id=str(job_id)):
        if await _is_over(job_id):
            async with transaction() as tx:
                return counters(await get_job(tx, job_id))
        try:
            async with account_turn(_TURN_PATIENCE):
                await _run(job_id)
        except AccountBusyError as busy:
            raise NotNow(str(busy)) from busy
        async with transaction() as tx:
            return counters(await get_job(tx, job_id))


async def _run(job_id: UUID) -> None:
    job, checkpoint = await _begin(job_id)
    if job.status != "running":
        logger.info("the job is {} already", job.status)
        return
    try:
        account, session = await need_account()
    except QueryError as refusal:
        if refusal.code == "unavailable":
            raise
        await _end(job_id, "failed", str(refusal))
        raise FinalFailure(str(refusal)) from refusal
    asker = Asker(job_id, account, session)
    try:
        await _read_chats(Run(job, checkpoint, asker))
    except StoppedError:
        await _end_if_cancelled(job_id)
    except HopelessError as fault:
        await _end(job_id, "failed", str(fault))
        raise FinalFailure(str(fault)) from fault
    finally:
        await asker.close()


async def _read_chats(run: Run) -> None:
    if run.job.waiting_until is not None:
        await run.asker.wait_until(run.job.waiting_until)
    while (chat := await _next(run)) is not None:
        try:
            if chat.status == "pending":
                await begin_chat(run, chat, await _former(run, chat))
            else:
                await _read_page(run, chat)
        except NO_HISTORY as refusal:
            await give_up_chat(run, chat, why_no_entry(refusal))
    async with transaction() as tx:
        failed = await have_all_failed(tx, run.job.id)
    if failed:
        raise HopelessError(_NO_CHAT)
    await _end(run.job.id, "completed")


async def _next(run: Run) -> ChatToRead | None:
    async with transaction() as tx:
        return await next_chat(tx, run.job.id)


async def _former(run: Run, chat: ChatToRead) -> tuple[int, str | None] | None:
    if chat.type != "supergroup":
        return None
    return former_group(await run.asker.ask(lambda: full_channel_request(chat)))


async def _read_page(run: Run, chat: ChatToRead) -> None:
    known = IncomingChat(chat.telegram_id, chat.type, chat.title)
    for _ in range(_REPEATS):
        answer = await run.asker.ask(lambda: history_request(chat, run.job.until))
        page = read_page(answer, known, chat.oldest_id, run.window, run.asker.self_id)
        if page.is_last or page.oldest_id != chat.oldest_id:
            await keep_page(run, chat, page)
            return
    await give_up_chat(
        run, chat, "Telegram sends the same messages again and again. Make the job again later."
    )


async def _begin(job_id: UUID) -> tuple[JobRecord, int]:
    async with transaction() as tx:
        job, checkpoint = await begin_job(tx, job_id)
        if job.status == "running" and checkpoint == 0:
            tx.publish(IngestionStarted(job=job))
    return job, checkpoint


async def _is_over(job_id: UUID) -> bool:
    """Whether the job has ended, or does so now: a cancelled one need not wait for its turn."""
    async with transaction() as tx:
        job = await get_job(tx, job_id)
        cancelled = await is_cancel_requested(tx, job_id)
    if job.status in ("pending", "running") and cancelled:
        await _end(job_id, "cancelled")
        return True
    return job.status not in ("pending", "running")


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
    logger.info("history {}", status)
