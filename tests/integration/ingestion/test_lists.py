"""Lists of messages and jobs by what people look for: a thread, a kind."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from services.ingestion.queries import create_import_job, page_of_jobs, page_of_messages
from shared.contracts.ingestion import CreateImportJob, ListJobs, ListMessages
from shared.messaging.transaction import transaction
from tests.conftest import Database
from tests.integration.bound import bound
from tests.integration.ingestion.test_windows import said, save

_HISTORY = """
    INSERT INTO ingestion_jobs (id, kind, status, source_name, size) VALUES (:id, 'history', 'pending', '', 0)
"""


def test_messages_of_one_thread_are_listed(database: Database, nats_url: str, namespace: str) -> None:
    async def scenario() -> list[list[int]]:
        async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
            threads = {2: 90, 3: 91, 4: 90}
            await save(*(said(number, number, thread_id=threads.get(number)) for number in (1, 2, 3, 4)))
            pages = [await page_of_messages(ListMessages(thread_id=thread)) for thread in (90, 91, 5, None)]
            return [[message.telegram_message_id for message in page.items] for page in pages]

    assert asyncio.run(scenario()) == [[4, 2], [3], [], [4, 3, 2, 1]]


def test_jobs_of_one_kind_are_listed(database: Database, nats_url: str, namespace: str) -> None:
    async def scenario() -> list[list[str]]:
        async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
            await create_import_job(CreateImportJob(job_id=uuid4(), source_name="r.json", size=1))
            async with transaction() as tx:
                await tx.execute(text(_HISTORY), {"id": uuid4()})
            pages = [await page_of_jobs(ListJobs(kind=kind)) for kind in ("export", "history", None)]
            return [sorted(job.kind for job in page.items) for page in pages]

    assert asyncio.run(scenario()) == [["export"], ["history"], ["export", "history"]]
