"""An import from its upload to its end: good files, bad files, a crash in the middle, a cancellation."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.ingestion import importing, saving
from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.queries import cancel_job, create_import_job, find_job
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import CancelJob, CreateImportJob, GetJob, JobRecord
from shared.messaging.transaction import transaction
from shared.messaging.uploads import delete_upload, store_upload
from shared.service import FinalFailure
from tests.conftest import Database
from tests.integration.bound import bound
from tests.unit.ingestion.shapes import export, exported_message

BATCH = 10
GOOD = export(*(exported_message(id=number, text=f"Повідомлення {number}") for number in range(1, 51)))
Within = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture
def within(database: Database, nats_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Within:
    """Be ingestion, with small batches."""
    monkeypatch.setenv("TT_IMPORT_BATCH", str(BATCH))

    def run(scenario: Callable[[], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
                return await scenario()

        return asyncio.run(inside())

    return run


async def upload(file: bytes) -> UUID:
    """Upload a file and make its job, as the gateway does."""
    job_id = uuid4()
    await store_upload(str(job_id), BytesIO(file))
    query = CreateImportJob(job_id=job_id, source_name="result.json", size=len(file))
    assert (await create_import_job(query)).status == "pending"
    assert (await create_import_job(query)).id == job_id  # asked twice
    return job_id


async def job_after(job_id: UUID) -> JobRecord:
    """The job once its task has run."""
    with suppress(FinalFailure):
        await ingest_telegram_messages_task(job_id=job_id)
    return await find_job(GetJob(job_id=job_id))


async def texts() -> list[str]:
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT text FROM messages ORDER BY telegram_message_id"))
        return [row.text for row in rows]


async def said(subject: str) -> int:
    """How many commands and events with this in their subject or body wait in the outbox."""
    async with transaction() as tx:
        statement = text(
            "SELECT count(*) FROM outbox WHERE subject LIKE :like OR convert_from(payload, 'UTF8') LIKE :like"
        )
        return int((await tx.execute(statement, {"like": f"%{subject}%"})).scalar_one())


def test_good_file_is_stored_and_its_second_import_changes_nothing(within: Within) -> None:
    async def scenario() -> tuple[JobRecord, JobRecord, list[str], int]:
        first = await job_after(await upload(GOOD))
        second = await job_after(await upload(GOOD))
        return first, second, await texts(), await said("score_unscored_messages_task")

    first, second, found, orders = within(scenario)
    assert (first.status, first.messages_stored, first.messages_skipped) == ("completed", 50, 0)
    assert (second.status, second.messages_stored, second.messages_skipped) == ("completed", 0, 50)
    assert first.total_batches == first.current_batch == 6  # the chat itself is an item too
    assert found == [f"Повідомлення {number}" for number in range(1, 51)]
    assert orders == 6  # one a batch of the first import, none of the second


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html>\n<html><body>chat</body></html>", "Machine-readable JSON"),
        (b'{"about": "something else"}', "export"),
        (b"PK\x03\x04" + b"x" * 5000, "Unpack"),
        (b"no export at all", "Machine-readable JSON"),
    ],
)
def test_wrong_file_fails_with_what_to_do(within: Within, file: bytes, word: str) -> None:
    job = within(lambda: upload_and_run(file))
    assert job.status == "failed"
    assert word in str(job.failure)
    assert job.messages_stored == 0


async def upload_and_run(file: bytes) -> JobRecord:
    return await job_after(await upload(file))


def test_truncated_file_keeps_what_was_before_the_end(within: Within) -> None:
    async def scenario() -> tuple[JobRecord, list[str]]:
        return await upload_and_run(GOOD[: len(GOOD) * 6 // 10]), await texts()

    job, found = within(scenario)
    assert job.status == "failed"
    assert "cut off" in job.failure
    assert 20 <= len(found) == job.messages_stored < 50
    assert found == [f"Повідомлення {number}" for number in range(1, len(found) + 1)]


def test_empty_chat_completes_with_nothing(within: Within) -> None:
    job = within(lambda: upload_and_run(export()))
    assert (job.status, job.messages_fetched, job.messages_stored) == ("completed", 0, 0)


def test_telegrams_own_escapes_are_read(within: Within) -> None:
    file = export(exported_message(id=1, text="a CONTROL b")).replace(b"CONTROL", rb"\x0B")

    async def scenario() -> tuple[JobRecord, list[str]]:
        return await upload_and_run(file), await texts()

    job, (found,) = within(scenario)
    assert (job.status, job.errors_count) == ("completed", 0)
    assert found.startswith("a ")
    assert found.endswith(" b")


def test_unreadable_message_is_logged_and_stops_no_other(within: Within) -> None:
    messages = [exported_message(id=number, text=f"Повідомлення {number}") for number in range(1, 31)]
    messages[16] = {"id": "seventeen", "type": "message", "date": 5}

    async def scenario() -> tuple[JobRecord, list[str]]:
        return await upload_and_run(export(*messages)), await texts()

    job, found = within(scenario)
    assert (job.status, job.messages_fetched, job.messages_stored, job.errors_count) == (
        "completed",
        30,
        29,
        1,
    )
    assert len(found) == 29
    assert len(job.error_log) == 1


def test_crash_between_batches_is_taken_up_where_it_was(
    within: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = saving.save_messages
    batches: list[int] = []

    async def save_until_it_breaks(*arguments: Any) -> Any:
        batches.append(len(arguments[2]))
        if len(batches) == 3:
            raise ConnectionError("Postgres went away")
        return await save(*arguments)

    monkeypatch.setattr(importing, "save_messages", save_until_it_breaks)

    async def scenario() -> tuple[int, JobRecord, list[str]]:
        job_id = await upload(GOOD)
        with pytest.raises(ConnectionError):
            await ingest_telegram_messages_task(job_id=job_id)
        before = len(await texts())
        return before, await job_after(job_id), await texts()

    before, job, found = within(scenario)
    assert before == 2 * BATCH - 1  # the chat itself is an item too
    assert (job.status, job.messages_fetched, job.messages_stored, job.messages_skipped) == (
        "completed",
        50,
        50,
        0,
    )
    assert len(found) == 50
    assert sum(batches) == 60  # nothing but the batch that broke was saved again


def test_job_that_is_over_is_not_run_again(within: Within) -> None:
    async def scenario() -> tuple[JobRecord, JobRecord]:
        job_id = await upload(GOOD)
        return await job_after(job_id), await job_after(job_id)

    first, second = within(scenario)
    assert first == second


def test_cancelled_job_stops_before_its_next_batch(within: Within, monkeypatch: pytest.MonkeyPatch) -> None:
    save = saving.save_messages
    jobs: list[UUID] = []

    async def save_and_be_cancelled(*arguments: Any) -> Any:
        saved = await save(*arguments)
        await cancel_job(CancelJob(job_id=jobs[0]))
        return saved

    async def scenario() -> tuple[JobRecord, int, int]:
        jobs.append(await upload(GOOD))
        monkeypatch.setattr(importing, "save_messages", save_and_be_cancelled)
        job = await job_after(jobs[0])
        return job, len(await texts()), await said("ingestion.failed")

    job, stored, failed_events = within(scenario)
    assert job.status == "cancelled"
    assert stored == job.messages_stored <= BATCH
    assert failed_events == 1


def test_completed_job_cannot_be_cancelled(within: Within) -> None:
    async def scenario() -> str:
        job = await upload_and_run(GOOD)
        with pytest.raises(QueryError) as caught:
            await cancel_job(CancelJob(job_id=job.id))
        return caught.value.code

    assert within(scenario) == "conflict"


def test_upload_that_is_gone_is_said(within: Within) -> None:
    async def scenario() -> JobRecord:
        job_id = await upload(GOOD)
        await delete_upload(str(job_id))
        return await job_after(job_id)

    job = within(scenario)
    assert job.status == "failed"
    assert "Upload it again" in job.failure
