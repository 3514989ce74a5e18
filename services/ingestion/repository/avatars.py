"""What is known of people's pictures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import BigInteger, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.ingestion.tables import Avatar
from shared.messaging.transaction import Transaction

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""After which a command to fetch a picture counts as lost."""

# A row claims the user, so that of many messages at once one has the picture fetched.
_CLAIM = text(
    """
    WITH authors AS (
        SELECT author_id, min(id) AS message_id FROM ingestion.messages
        WHERE id = ANY(:message_ids) AND author_id IS NOT NULL AND EXISTS (SELECT FROM ingestion.bots)
        GROUP BY author_id
    ), claimed AS (
        INSERT INTO ingestion.avatars (user_id, status, next_try_at)
        SELECT author_id, 'asked', now() + :again FROM authors
        WHERE NOT EXISTS (
            SELECT FROM ingestion.avatars known
            WHERE known.user_id = authors.author_id AND known.next_try_at > now()
        )
        ORDER BY author_id
        ON CONFLICT (user_id) DO UPDATE SET next_try_at = excluded.next_try_at
            WHERE avatars.next_try_at <= now()
        RETURNING user_id
    )
    SELECT authors.message_id, claimed.user_id
    FROM claimed JOIN authors ON authors.author_id = claimed.user_id
    """
).bindparams(bindparam("message_ids", type_=ARRAY(BigInteger)))
_PREPARE = text(
    """
    INSERT INTO ingestion.avatars (user_id, status, next_try_at)
    SELECT id, 'asked', now() + :again FROM ingestion.users WHERE id = :user_id
    ON CONFLICT (user_id) DO NOTHING
    """
)
_PROFILE = text("SELECT min(telegram_id) FROM ingestion.telegram_profiles WHERE user_id = :user_id")


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is kept."""

    object_name: str
    photo_id: str
    content_type: str
    size: int
    fetched_at: datetime


async def claim_avatars(tx: Transaction, message_ids: Sequence[int]) -> dict[int, int]:
    """Authors of these messages whose picture is to be fetched now; none while there is no bot.

    Returns:
        The user's id for a message of theirs.
    """
    found = await tx.execute(_CLAIM, {"message_ids": sorted(message_ids), "again": ASKED_AGAIN_AFTER})
    return {row.message_id: row.user_id for row in found}


async def telegram_id_of(tx: Transaction, user_id: int) -> int | None:
    """The Telegram account of a user; None when there is no such user, or none of theirs is known."""
    found: int | None = (await tx.execute(_PROFILE, {"user_id": user_id})).scalar()
    return found


async def picture_of(tx: Transaction, user_id: int) -> Picture | None:
    """The picture that is kept of a user."""
    columns = [getattr(Avatar, name) for name in Picture.__struct_fields__]
    statement = select(*columns).where(Avatar.user_id == user_id, Avatar.object_name.is_not(None))
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else Picture(**row)


async def attempts_of(tx: Transaction, user_id: int) -> int:
    """How often in a row fetching the picture failed; makes the user's row when there is none."""
    await tx.execute(_PREPARE, {"user_id": user_id, "again": ASKED_AGAIN_AFTER})
    found: int | None = (await tx.execute(select(Avatar.attempts).where(Avatar.user_id == user_id))).scalar()
    return found or 0


async def keep_picture(tx: Transaction, user_id: int, picture: Picture, again: timedelta) -> None:
    """Note a picture that was fetched, and when to look again."""
    values = msgspec.structs.asdict(picture)
    await _note(tx, user_id, status="kept", attempts=0, failure=None, again=again, **values)


async def keep_no_picture(tx: Transaction, user_id: int, again: timedelta) -> None:
    """Note that a user has none, and when to look again."""
    nothing = dict.fromkeys(Picture.__struct_fields__)
    await _note(tx, user_id, status="none", attempts=0, failure=None, again=again, **nothing)


async def keep_failure(tx: Transaction, user_id: int, failure: str, attempts: int, again: timedelta) -> None:
    """Note that a picture could not be fetched; one that is kept stays."""
    await _note(tx, user_id, status="failed", attempts=attempts, failure=failure[:1000], again=again)


async def _note(tx: Transaction, user_id: int, *, again: timedelta, **values: object) -> None:
    next_try_at = func.now() + again
    await tx.execute(
        update(Avatar).where(Avatar.user_id == user_id).values(next_try_at=next_try_at, **values)
    )
