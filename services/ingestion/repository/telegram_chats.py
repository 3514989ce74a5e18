"""The chats that the account is in, as Telegram listed them last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import text

from shared.contracts.history import ChatType, TelegramChatRecord
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the time of the latest message where there is none."""

_FIELDS = {
    "telegram_id": "bigint",
    "access_hash": "bigint",
    "type": "text",
    "title": "text",
    "username": "text",
    "is_forum": "boolean",
    "migrated_to": "bigint",
    "last_message_at": "timestamptz",
}
_NAMES = ", ".join(_FIELDS)
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _FIELDS.items())
_FORGET = text("DELETE FROM ingestion.telegram_chats")
_KEEP = text(f"INSERT INTO ingestion.telegram_chats ({_NAMES}) SELECT * FROM unnest({_ARRAYS})")  # noqa: S608 - the names are our own
_FIND = text(
    f"SELECT {_NAMES} FROM ingestion.telegram_chats"  # noqa: S608 - the names are our own
    " WHERE telegram_id = ANY(CAST(:telegram_ids AS bigint[]))"
)
_LIST = text(
    f"""
    SELECT {", ".join(f"told.{name}" for name in _FIELDS)}, told.at, ours.id AS chat_id,
        (SELECT count(*) FROM ingestion.messages WHERE messages.chat_id = ours.id) AS messages
    FROM (
        SELECT *, coalesce(last_message_at, CAST(:never AS timestamptz)) AS at FROM ingestion.telegram_chats
    ) told
    LEFT JOIN ingestion.chats ours USING (telegram_id)
    WHERE (CAST(:at AS timestamptz) IS NULL OR (told.at, telegram_id) < (:at, CAST(:id AS bigint)))
        AND (CAST(:search AS text) IS NULL
            OR position(lower(:search) IN lower(concat_ws(' ', told.title, told.username))) > 0)
    ORDER BY told.at DESC, telegram_id DESC
    LIMIT :limit
    """  # noqa: S608 - the names are our own
)


class ListedChat(msgspec.Struct, frozen=True):
    """A chat as Telegram lists it; `access_hash` opens it, a basic group needs none."""

    telegram_id: int
    access_hash: int | None
    type: ChatType
    title: str | None
    username: str | None
    is_forum: bool
    migrated_to: int | None
    last_message_at: datetime | None


async def keep_listed(tx: Transaction, chats: Sequence[ListedChat]) -> None:
    """Put a new list into the place of the one before."""
    await tx.execute(_FORGET)
    columns: dict[str, Any] = {name: [getattr(chat, name) for chat in chats] for name in _FIELDS}
    await tx.execute(_KEEP, columns)


async def find_listed(tx: Transaction, telegram_ids: Sequence[int]) -> dict[int, ListedChat]:
    """Those of the chats that are listed."""
    rows = (await tx.execute(_FIND, {"telegram_ids": list(telegram_ids)})).mappings()
    return {row["telegram_id"]: ListedChat(**row) for row in rows}


async def listed_page(
    tx: Transaction, *, search: str | None, after: TimeAndId | None, limit: int
) -> list[TelegramChatRecord]:
    """Chats with what is known of them here, those with the latest messages first."""
    rows = await tx.execute(
        _LIST,
        {
            "never": NEVER,
            "at": after.at if after else None,
            "id": after.id if after else None,
            "search": search or None,
            "limit": limit,
        },
    )
    return [
        TelegramChatRecord(
            telegram_id=row.telegram_id,
            type=row.type,
            title=row.title,
            username=row.username,
            is_private=row.type == "private",
            is_forum=row.is_forum,
            migrated_to=row.migrated_to,
            last_message_at=row.last_message_at,
            chat_id=row.chat_id,
            messages=row.messages,
        )
        for row in rows
    ]
