"""Making a history job: of chats that the account is in, and of private ones only when they are asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.ingestion.history.listing import list_chats
from services.ingestion.history.sessions import need_account
from services.ingestion.repository.history import create_history_job, kind_of_job
from services.ingestion.repository.jobs import get_job
from services.ingestion.repository.telegram_chats import ListedChat, find_listed
from shared.contracts.errors import QueryError
from shared.contracts.history import CreateHistoryJob
from shared.contracts.ingestion import IngestTelegramMessages, JobRecord
from shared.messaging.transaction import transaction

_ANY_AGE = timedelta(days=10_000)
_NOW = timedelta()
_NAMED = 3


async def make_job(query: CreateHistoryJob) -> JobRecord:
    """Make the job and send the command that runs it; the second time, say how it stands.

    Raises:
        QueryError: `conflict` without credentials or account, `invalid` for what cannot be read.
    """
    async with transaction() as tx:
        if await kind_of_job(tx, query.job_id) is not None:
            return await get_job(tx, query.job_id)
    _check_window(query)
    await need_account()
    chats = await _chats(query)
    async with transaction() as tx:
        if await create_history_job(tx, query, _name(chats), chats):
            tx.send(IngestTelegramMessages(job_id=query.job_id), task_id=str(query.job_id), tracked=True)
        return await get_job(tx, query.job_id)


async def _chats(query: CreateHistoryJob) -> list[ListedChat]:
    wanted = list(dict.fromkeys(query.chat_ids))
    await list_chats(_ANY_AGE)
    listed = await _find(wanted)
    private = [chat_id for chat_id in wanted if chat_id > 0]
    if private and not query.include_private:
        named = ", ".join(_title(chat_id, listed) for chat_id in private)
        raise QueryError(
            "invalid",
            f"These are private chats: {named}. Leave them out, or set include_private if both sides agree.",
            field="chat_ids",
        )
    if len(listed) < len(wanted):
        # The account may have joined since they were listed.
        await list_chats(_NOW)
        listed = await _find(wanted)
    missing = [str(chat_id) for chat_id in wanted if chat_id not in listed]
    if missing:
        raise QueryError(
            "invalid",
            f"The Telegram account is in no chats with these ids: {', '.join(missing)}. "
            "GET /api/v1/telegram/chats lists those that it is in.",
            field="chat_ids",
        )
    return [listed[chat_id] for chat_id in wanted]


async def _find(telegram_ids: Sequence[int]) -> dict[int, ListedChat]:
    async with transaction() as tx:
        return await find_listed(tx, telegram_ids)


def _title(chat_id: int, listed: dict[int, ListedChat]) -> str:
    title = listed[chat_id].title if chat_id in listed else None
    return f"{title} ({chat_id})" if title else str(chat_id)


def _name(chats: Sequence[ListedChat]) -> str:
    """The first titles, for a person."""
    named = ", ".join(chat.title or str(chat.telegram_id) for chat in chats[:_NAMED])
    rest = len(chats) - _NAMED
    return f"{named} +{rest}"[-255:] if rest > 0 else named[:255]


def _check_window(query: CreateHistoryJob) -> None:
    now = datetime.now(UTC)
    if query.since is not None and query.since >= (query.until or now):
        until = "until" if query.until else "now"
        raise QueryError("invalid", f"`since` must be before {until}.", field="since")
