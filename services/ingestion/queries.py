"""What ingestion answers when it is asked."""

from services.ingestion.repository.chats import chat_records
from services.ingestion.repository.jobs import (
    TimeAndJob,
    create_job,
    end_job,
    get_job,
    list_jobs,
    request_cancel,
)
from services.ingestion.repository.reading import (
    list_messages,
    message_versions,
    messages_by_id,
    texts_after,
    texts_by_id,
)
from services.ingestion.repository.windows import measure_window, texts_within
from shared.contracts.errors import QueryError, not_found
from shared.contracts.ingestion import (
    CancelJob,
    ChatRecord,
    CreateImportJob,
    GetJob,
    GetMessages,
    GetMessageVersions,
    GetTexts,
    IngestionFailed,
    IngestTelegramMessages,
    JobPage,
    JobRecord,
    ListChats,
    ListJobs,
    ListMessages,
    ListWindow,
    MeasureWindow,
    MessagePage,
    MessageRecord,
    MessageText,
    MessageVersionRecord,
    TextPage,
    WindowPage,
    WindowSize,
)
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.messaging.transaction import transaction

_LARGEST_PAGE = 512 * 1024


async def create_import_job(query: CreateImportJob) -> JobRecord:
    """Make the job and send the command that runs it; the second time, say how it stands."""
    async with transaction() as tx:
        if await create_job(tx, query):
            tx.send(IngestTelegramMessages(job_id=query.job_id), task_id=str(query.job_id), tracked=True)
        return await get_job(tx, query.job_id)


async def find_job(query: GetJob) -> JobRecord:
    """One job with its errors."""
    async with transaction() as tx:
        return await get_job(tx, query.job_id)


async def page_of_jobs(query: ListJobs) -> JobPage:
    """Jobs, newest first."""
    after = read_cursor(query.cursor, TimeAndJob)
    async with transaction() as tx:
        jobs = await list_jobs(tx, status=query.status, kind=query.kind, after=after, limit=query.limit + 1)
    page = jobs[: query.limit]
    more = len(jobs) > query.limit
    return JobPage(
        items=page, next_cursor=write_cursor(TimeAndJob(page[-1].created_at, page[-1].id)) if more else None
    )


async def cancel_job(query: CancelJob) -> JobRecord:
    """Cancel a job that waits at once, and one that runs before its next batch."""
    async with transaction() as tx:
        job = await get_job(tx, query.job_id)
        if job.status in ("completed", "failed"):
            raise QueryError("conflict", f"The job has {job.status} already and cannot be cancelled.")
        await request_cancel(tx, query.job_id)
        if job.status == "pending" and await end_job(tx, query.job_id, "cancelled"):
            tx.publish(IngestionFailed(job=await get_job(tx, query.job_id)))
        return await get_job(tx, query.job_id)


async def find_messages(query: GetMessages) -> list[MessageRecord]:
    """Messages by id."""
    async with transaction() as tx:
        return await messages_by_id(tx, query.message_ids)


async def page_of_messages(query: ListMessages) -> MessagePage:
    """Messages, newest first."""
    after = read_cursor(query.cursor, TimeAndId)
    async with transaction() as tx:
        messages = await list_messages(tx, query, after)
    page = messages[: query.limit]
    more = len(messages) > query.limit
    return MessagePage(
        items=page, next_cursor=write_cursor(TimeAndId(page[-1].sent_at, page[-1].id)) if more else None
    )


async def versions_of_message(query: GetMessageVersions) -> list[MessageVersionRecord]:
    """A message's versions, oldest first."""
    async with transaction() as tx:
        versions = await message_versions(tx, query.message_id)
    if not versions:
        raise not_found(f"message {query.message_id}")
    return versions


async def every_chat(_query: ListChats) -> list[ChatRecord]:
    """All chats, by title."""
    async with transaction() as tx:
        return await chat_records(tx)


async def page_of_texts(query: GetTexts) -> TextPage:
    """Texts in id order, as many as fit into one answer."""
    async with transaction() as tx:
        if query.message_ids is not None:
            wanted = [number for number in sorted(set(query.message_ids)) if number > query.after_id]
            found = await texts_by_id(tx, wanted)
            is_last = True
        else:
            found = await texts_after(tx, query.after_id, query.limit)
            is_last = len(found) < query.limit
    page = _that_fits(found)
    if len(page) < len(found):
        is_last = False
    return TextPage(items=page, next_after_id=None if is_last or not page else page[-1].id)


async def page_of_window(query: ListWindow) -> WindowPage:
    """Texts of a window in the order sent, as many as fit into one answer."""
    after = read_cursor(query.cursor, TimeAndId)
    async with transaction() as tx:
        found = await texts_within(tx, query, after)
    page = _that_fits(found[: query.limit])
    more = len(page) < len(found)
    return WindowPage(
        items=page, next_cursor=write_cursor(TimeAndId(page[-1].sent_at, page[-1].id)) if more else None
    )


async def size_of_window(query: MeasureWindow) -> WindowSize:
    """How much was said in a window."""
    async with transaction() as tx:
        return await measure_window(tx, query)


def _that_fits(texts: list[MessageText]) -> list[MessageText]:
    """The first texts whose size stays under half a mebibyte, one at the least."""
    size = 0
    for place, message in enumerate(texts):
        size += 300 + len(message.text.encode())
        if size > _LARGEST_PAGE and place:
            return texts[:place]
    return texts
