"""Chats: found or made by Telegram's id, their names kept at the latest that a message told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from services.ingestion.merge import later_name
from services.ingestion.telegram.incoming import IncomingChat
from shared.contracts.ingestion import ChatRecord
from shared.messaging.transaction import Transaction

_FIND = text(
    "SELECT id, telegram_id, type, title, username FROM ingestion.chats"
    " WHERE telegram_id = ANY(CAST(:telegram_ids AS bigint[]))"
)
_MAKE = text(
    """
    INSERT INTO ingestion.chats (telegram_id, type, title, username)
    SELECT * FROM unnest(
        CAST(:telegram_ids AS bigint[]), CAST(:types AS text[]),
        CAST(:titles AS text[]), CAST(:usernames AS text[])
    ) AS new (telegram_id, type, title, username)
    ORDER BY telegram_id
    ON CONFLICT (telegram_id) DO NOTHING
    """
)
_LATEST = text(
    "SELECT greatest((SELECT max(sent_at) FROM ingestion.messages WHERE chat_id = :id),"
    " (SELECT max(sent_at) FROM ingestion.messages WHERE sender_chat_id = :id))"
)
_RENAME = text("UPDATE ingestion.chats SET title = :title, username = :username WHERE id = :id")
_MIGRATE = text(
    "UPDATE ingestion.chats SET migrated_to_id = :new_id"
    " WHERE id = :old_id AND id <> :new_id AND migrated_to_id IS DISTINCT FROM :new_id"
)
_FORMER = text(
    "SELECT new.telegram_id AS new_id, max(old.telegram_id) AS old_id FROM ingestion.chats old"
    " JOIN ingestion.chats new ON new.id = old.migrated_to_id"
    " WHERE new.telegram_id = ANY(CAST(:telegram_ids AS bigint[])) GROUP BY 1"
)
_RECORDS = text(
    """
    SELECT present.id, present.telegram_id, present.type, present.title, present.username,
        array_agg(member.id ORDER BY member.id) AS ids
    FROM ingestion.chats present
    JOIN ingestion.chats member ON coalesce(member.migrated_to_id, member.id) = present.id
    WHERE present.migrated_to_id IS NULL AND (CAST(:wanted AS bigint[]) IS NULL OR present.id IN (
        SELECT coalesce(migrated_to_id, id) FROM ingestion.chats WHERE id = ANY(CAST(:wanted AS bigint[]))
    ))
    GROUP BY present.id
    ORDER BY lower(present.title) NULLS LAST, present.id
    """
)


class SeenChat(msgspec.Struct, frozen=True):
    """A chat as a message told of it, and when that message was sent."""

    chat: IncomingChat
    seen_at: datetime


async def ensure_chats(tx: Transaction, seen: Iterable[SeenChat]) -> dict[int, int]:
    """Find or make chats, and take over names that are later than the known ones.

    Returns:
        Our id for each Telegram id.
    """
    latest: dict[int, SeenChat] = {}
    for entry in seen:
        known = latest.get(entry.chat.telegram_id)
        if known is None or _order(entry) > _order(known):
            latest[entry.chat.telegram_id] = entry
    ids = sorted(latest)
    found = {row.telegram_id: row for row in await tx.execute(_FIND, {"telegram_ids": ids})}
    missing = [latest[telegram_id].chat for telegram_id in ids if telegram_id not in found]
    if missing:
        await tx.execute(
            _MAKE,
            {
                "telegram_ids": [chat.telegram_id for chat in missing],
                "types": [chat.type for chat in missing],
                "titles": [chat.title for chat in missing],
                "usernames": [chat.username for chat in missing],
            },
        )
        found = {row.telegram_id: row for row in await tx.execute(_FIND, {"telegram_ids": ids})}
    for telegram_id in ids:
        await _rename(tx, found[telegram_id], latest[telegram_id])
    return {telegram_id: row.id for telegram_id, row in found.items()}


async def migrate_chat(tx: Transaction, *, old_id: int, new_id: int) -> bool:
    """Say that one chat became another; returns whether that is news."""
    return (await tx.execute(_MIGRATE, {"old_id": old_id, "new_id": new_id})).rowcount > 0


async def former_chats(tx: Transaction, telegram_ids: list[int]) -> dict[int, int]:
    """For supergroups that were groups, the Telegram id of that group."""
    return {row.new_id: row.old_id for row in await tx.execute(_FORMER, {"telegram_ids": telegram_ids})}


async def chat_records(tx: Transaction, chat_ids: list[int] | None = None) -> list[ChatRecord]:
    """Chats under their present ids, by title: those that have or had one of these ids, or all."""
    rows = await tx.execute(_RECORDS, {"wanted": chat_ids})
    return [
        ChatRecord(
            id=row.id,
            ids=row.ids,
            telegram_id=row.telegram_id,
            type=row.type,
            title=row.title,
            username=row.username,
        )
        for row in rows
    ]


def _order(entry: SeenChat) -> tuple[bool, datetime, str, str]:
    """Which of two tellings in one batch holds: one with a title, then the later."""
    return (entry.chat.title is not None, entry.seen_at, entry.chat.title or "", entry.chat.username or "")


async def _rename(tx: Transaction, row: Any, entry: SeenChat) -> None:
    told = entry.chat
    if told.title in (None, row.title) and told.username in (None, row.username):
        return
    until = (await tx.execute(_LATEST, {"id": row.id})).scalar()
    await tx.execute(
        _RENAME,
        {
            "id": row.id,
            "title": later_name(row.title, told.title, known_until=until, seen_at=entry.seen_at),
            "username": later_name(row.username, told.username, known_until=until, seen_at=entry.seen_at),
        },
    )
