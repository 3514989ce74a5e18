"""Users and their Telegram profiles: made at first sight, their names kept at the latest that was told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from services.ingestion.merge import later_name
from services.ingestion.telegram.incoming import IncomingUser
from shared.messaging.transaction import Transaction

_NAMES = ("display_name", "first_name", "last_name", "username", "language_code")

_FIND = text(
    "SELECT telegram_id, user_id, display_name, first_name, last_name, username, language_code, is_bot"
    " FROM ingestion.telegram_profiles WHERE telegram_id = ANY(CAST(:telegram_ids AS bigint[]))"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ingestion.telegram_profiles'))")
_MAKE = text(
    """
    WITH numbered AS (
        SELECT nextval(pg_get_serial_sequence('ingestion.users', 'id')) AS user_id, new.*
        FROM unnest(
            CAST(:telegram_ids AS bigint[]), CAST(:display_names AS text[]), CAST(:first_names AS text[]),
            CAST(:last_names AS text[]), CAST(:usernames AS text[]), CAST(:language_codes AS text[]),
            CAST(:bots AS boolean[])
        ) AS new (telegram_id, display_name, first_name, last_name, username, language_code, is_bot)
    ), users AS (
        INSERT INTO ingestion.users (id) OVERRIDING SYSTEM VALUE SELECT user_id FROM numbered
    )
    INSERT INTO ingestion.telegram_profiles
        (telegram_id, user_id, display_name, first_name, last_name, username, language_code, is_bot)
    SELECT telegram_id, user_id, display_name, first_name, last_name, username, language_code, is_bot
    FROM numbered
    """
)
_LATEST = text("SELECT max(sent_at) FROM ingestion.messages WHERE author_id = :user_id")
_RENAME = text(
    """
    UPDATE ingestion.telegram_profiles SET
        display_name = :display_name, first_name = :first_name, last_name = :last_name,
        username = :username, language_code = :language_code, is_bot = :is_bot
    WHERE telegram_id = :telegram_id
    """
)


class SeenUser(msgspec.Struct, frozen=True):
    """A user as a message told of them, and when that message was sent."""

    user: IncomingUser
    seen_at: datetime


async def ensure_users(tx: Transaction, seen: Iterable[SeenUser]) -> dict[int, int]:
    """Find or make users with their profiles, and take over names that are later than the known ones.

    Returns:
        Our user id for each Telegram id.
    """
    latest: dict[int, SeenUser] = {}
    for entry in seen:
        known = latest.get(entry.user.telegram_id)
        latest[entry.user.telegram_id] = entry if known is None else _join(known, entry)
    ids = sorted(latest)
    found = await _find(tx, ids)
    if len(found) < len(ids):
        # One at a time, so that no user is made twice for one profile.
        await tx.execute(_LOCK)
        found = await _find(tx, ids)
        await _make(tx, [latest[telegram_id].user for telegram_id in ids if telegram_id not in found])
        found = await _find(tx, ids)
    for telegram_id in ids:
        await _rename(tx, found[telegram_id], latest[telegram_id])
    return {telegram_id: row["user_id"] for telegram_id, row in found.items()}


async def _find(tx: Transaction, telegram_ids: list[int]) -> dict[int, dict[str, Any]]:
    rows = (await tx.execute(_FIND, {"telegram_ids": telegram_ids})).mappings()
    return {row["telegram_id"]: dict(row) for row in rows}


async def _make(tx: Transaction, users: list[IncomingUser]) -> None:
    if not users:
        return
    await tx.execute(
        _MAKE,
        {
            "telegram_ids": [user.telegram_id for user in users],
            "display_names": [user.display_name for user in users],
            "first_names": [user.first_name for user in users],
            "last_names": [user.last_name for user in users],
            "usernames": [user.username for user in users],
            "language_codes": [user.language_code for user in users],
            "bots": [user.is_bot for user in users],
        },
    )


async def _rename(tx: Transaction, row: dict[str, Any], entry: SeenUser) -> None:
    told = {name: getattr(entry.user, name) for name in (*_NAMES, "is_bot")}
    if all(value is None or value == row[name] for name, value in told.items()):
        return
    known_until = (await tx.execute(_LATEST, {"user_id": row["user_id"]})).scalar()
    merged: dict[str, str | bool | None] = {
        name: later_name(row[name], told[name], known_until=known_until, seen_at=entry.seen_at)
        for name in _NAMES
    }
    merged["is_bot"] = row["is_bot"] if told["is_bot"] is None else bool(row["is_bot"]) or told["is_bot"]
    await tx.execute(_RENAME, {"telegram_id": row["telegram_id"], **merged})


def _join(one: SeenUser, other: SeenUser) -> SeenUser:
    """What two messages of one batch tell of a user."""
    early, late = sorted((one, other), key=lambda entry: entry.seen_at)
    values = {
        name: getattr(late.user, name) if getattr(late.user, name) is not None else getattr(early.user, name)
        for name in (*_NAMES, "is_bot")
    }
    return SeenUser(IncomingUser(late.user.telegram_id, **values), late.seen_at)
