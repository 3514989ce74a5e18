"""Jobs that read history: made of chats, waiting, and each chat's place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.ingestion.repository.telegram_chats import ListedChat
from services.ingestion.tables import HistoryChat, IngestionJob
from shared.contracts.history import CreateHistoryJob
from shared.contracts.ingestion import HistoryChatRecord
from shared.messaging.transaction import Transaction

_STANDING = text(
    """
    SELECT status, cancel_requested,
        (SELECT login_id FROM ingestion.telegram_accounts WHERE state = 'signed_in') AS login_id
    FROM ingestion.ingestion_jobs WHERE id = :job_id
    """
)
_ADD_FORMER = text(
    """
    INSERT INTO ingestion.history_chats (job_id, place, telegram_id, type, title, migrated_to)
    SELECT :job_id, max(place) + 1, :telegram_id, 'group', :title, :migrated_to
    FROM ingestion.history_chats WHERE job_id = :job_id
    ON CONFLICT (job_id, telegram_id) DO UPDATE SET migrated_to = excluded.migrated_to
    """
)
_ALL_FAILED = text("SELECT bool_and(status = 'failed') FROM ingestion.history_chats WHERE job_id = :job_id")


class ChatToRead(msgspec.Struct, frozen=True):
    """One of a job's chats; the fields are the table's."""

    place: int
    telegram_id: int
    access_hash: int | None
    type: str
    title: str | None
    migrated_to: int | None
    status: str
    oldest_id: int
    messages_fetched: int
    messages_total: int | None


class Standing(NamedTuple):
    """What a runner looks at again and again: is the job still wanted, and the account still there."""

    status: str
    cancel_requested: bool
    login_id: UUID | None


async def create_history_job(
    tx: Transaction, query: CreateHistoryJob, name: str, chats: Sequence[ListedChat]
) -> bool:
    """Make a pending job of chats unless there is one with its id; returns whether it was made."""
    statement = (
        insert(IngestionJob)
        .values(
            id=query.job_id,
            kind="history",
            status="pending",
            source_name=name,
            size=0,
            since=query.since,
            until=query.until,
            include_private=query.include_private,
        )
        .on_conflict_do_nothing()
        .returning(IngestionJob.id)
    )
    if (await tx.execute(statement)).first() is None:
        return False
    rows = [
        {
            "job_id": query.job_id,
            "place": place,
            "telegram_id": chat.telegram_id,
            "access_hash": chat.access_hash,
            "type": chat.type,
            "title": chat.title,
            "migrated_to": chat.migrated_to,
        }
        for place, chat in enumerate(chats)
    ]
    await tx.execute(insert(HistoryChat), rows)
    return True


async def kind_of_job(tx: Transaction, job_id: UUID) -> str | None:
    """`export` or `history`; None when there is no such job."""
    found: str | None = await tx.connection.scalar(select(IngestionJob.kind).where(IngestionJob.id == job_id))
    return found


async def look_at_job(tx: Transaction, job_id: UUID) -> Standing:
    """How things stand for a job that runs."""
    row = (await tx.execute(_STANDING, {"job_id": job_id})).one()
    return Standing(row.status, row.cancel_requested, row.login_id)


async def say_job_waits(tx: Transaction, job_id: UUID, until: datetime, reason: str) -> None:
    """Show on a running job how long it waits, and what for."""
    statement = update(IngestionJob).where(IngestionJob.id == job_id, IngestionJob.status == "running")
    await tx.execute(statement.values(waiting_until=until, waiting_for=reason))


async def next_chat(tx: Transaction, job_id: UUID) -> ChatToRead | None:
    """The chat that a job goes on with; None when all are read."""
    statement = (
        select(*HistoryChat.__table__.columns)
        .where(HistoryChat.job_id == job_id, HistoryChat.status.in_(("pending", "running")))
        .order_by(HistoryChat.place)
        .limit(1)
    )
    row = (await tx.execute(statement)).mappings().first()
    return None if row is None else ChatToRead(**{name: row[name] for name in ChatToRead.__struct_fields__})


async def change_chat(tx: Transaction, job_id: UUID, place: int, **values: Any) -> None:
    """Move one of a job's chats on."""
    statement = update(HistoryChat).where(HistoryChat.job_id == job_id, HistoryChat.place == place)
    await tx.execute(statement.values(**values))


async def add_former_chat(
    tx: Transaction, job_id: UUID, *, telegram_id: int, title: str | None, migrated_to: int
) -> None:
    """Have a job also read the group that a supergroup was before, once."""
    await tx.execute(
        _ADD_FORMER,
        {"job_id": job_id, "telegram_id": telegram_id, "title": title, "migrated_to": migrated_to},
    )


async def have_all_failed(tx: Transaction, job_id: UUID) -> bool:
    """Whether none of a job's chats could be read."""
    return bool(await tx.connection.scalar(_ALL_FAILED, {"job_id": job_id}))


async def chat_records_of(tx: Transaction, job_id: UUID) -> list[HistoryChatRecord]:
    """A job's chats, in the order in which they are read."""
    rows = await tx.execute(
        select(*HistoryChat.__table__.columns).where(HistoryChat.job_id == job_id).order_by(HistoryChat.place)
    )
    return [
        HistoryChatRecord(
            telegram_id=row.telegram_id,
            title=row.title,
            status=row.status,
            messages_fetched=row.messages_fetched,
            messages_total=row.messages_total,
        )
        for row in rows
    ]
