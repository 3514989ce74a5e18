"""Ingestion with a Telegram account, whose far side is a fake: jobs, and what became of them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import text

from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.history import queries as history_queries
from services.ingestion.queries import find_job
from shared.contracts.history import AccountRecord, CreateHistoryJob, SetSession
from shared.contracts.ingestion import GetJob, JobRecord
from shared.messaging.transaction import transaction
from shared.sealing import seal
from shared.service import FinalFailure
from tests.conftest import Database
from tests.fakes.telethon import Telegram
from tests.integration.bound import bound

T = TypeVar("T")

CREDENTIALS = {"TT_TELEGRAM_API_ID": "12345", "TT_TELEGRAM_API_HASH": "0123456789abcdef0123456789abcdef"}
LONG = 20.0


class HistoryStage:
    """A service ingestion of the test's own, and Telegram as it finds it."""

    def __init__(self, database: Database, nats_url: str, namespace: str, telegram: Telegram) -> None:
        self.telegram = telegram
        self.database_url = database.url("ingestion")
        self.nats_url = nats_url
        self.namespace = namespace

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        """Be ingestion for as long as this takes."""

        async def inside() -> T:
            async with bound("ingestion", self.database_url, self.nats_url, self.namespace):
                return await scenario()

        return asyncio.run(inside())

    async def sign_in(self) -> AccountRecord:
        """Sign the account in with a session."""
        query = SetSession(sealed_session=seal(self.telegram.session), changed_by="tests")
        return await history_queries.set_session(query)


async def make_job(*chat_ids: int, **options: Any) -> UUID:
    """Make a job of chats, asked for twice."""
    query = CreateHistoryJob(job_id=uuid4(), chat_ids=list(chat_ids), **options)
    assert (await history_queries.create_history_job(query)).status == "pending"
    assert (await history_queries.create_history_job(query)).id == query.job_id
    return query.job_id


async def job_after(job_id: UUID) -> JobRecord:
    """The job once its task has run."""
    with suppress(FinalFailure):
        await ingest_telegram_messages_task(job_id=job_id)
    return await job_now(job_id)


async def job_now(job_id: UUID) -> JobRecord:
    """The job as it stands."""
    return await find_job(GetJob(job_id=job_id))


async def rows(statement: str, **values: Any) -> list[Any]:
    """What a statement gives."""
    async with transaction() as tx:
        return list(await tx.execute(text(statement), values))


async def texts(telegram_id: int) -> list[str]:
    """The texts of a chat, in the order of Telegram's ids."""
    found = await rows(
        "SELECT message.text FROM messages message JOIN chats chat ON chat.id = message.chat_id"
        " WHERE chat.telegram_id = :id ORDER BY telegram_message_id",
        id=telegram_id,
    )
    return [row.text for row in found]


async def said(word: str) -> int:
    """How many commands and events with this in their subject or body wait in the outbox."""
    statement = (
        "SELECT count(*) FROM outbox WHERE subject LIKE :like OR convert_from(payload, 'UTF8') LIKE :like"
    )
    return int((await rows(statement, like=f"%{word}%"))[0][0])


async def eventually(look: Callable[[], Awaitable[T]], what: str) -> T:
    """What a look gives, once it is true."""
    end = asyncio.get_running_loop().time() + LONG
    while True:
        found = await look()
        if found:
            return found
        assert asyncio.get_running_loop().time() < end, f"{what} did not come about"
        await asyncio.sleep(0.02)


def numbered(*numbers: int) -> list[str]:
    """The texts of a chat's messages with these numbers."""
    return [f"Повідомлення {number}" for number in numbers]


def counters(job: JobRecord) -> tuple[str, int, int, int, int]:
    """A job's status, and how many messages it fetched, stored and skipped, and its errors."""
    return (
        job.status,
        job.messages_fetched,
        job.messages_stored,
        job.messages_skipped,
        job.errors_count,
    )
