"""SQL about sessions of the page."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway.keys import ApiKey
from services.gateway.sessions import SignedIn, csrf_token, hash_session_id
from services.gateway.stores.keys import key_columns, key_of
from services.gateway.tables import ApiKeyRow, SessionRow

REMEMBERED_ENDED = timedelta(days=1)
"""How long a session that has ended is told from one that there never was."""

MOST_OF_A_KEY = 100
"""Sessions that a key has at the same time; a further one takes the place of the oldest."""

_ROW = SessionRow


async def add_session(  # noqa: PLR0913 - a row has as many columns
    connection: AsyncConnection,
    session_id: str,
    key: ApiKey,
    *,
    address: str,
    now: datetime,
    lasts: timedelta,
) -> None:
    """Keep a new session."""
    await connection.execute(
        insert(_ROW).values(
            id_hash=hash_session_id(session_id),
            key_id=key.id,
            key_hash=key.key_hash,
            address=address,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lasts,
        )
    )
    oldest = (
        select(_ROW.id_hash)
        .where(_ROW.key_id == key.id)
        .order_by(_ROW.created_at.desc(), _ROW.id_hash)
        .offset(MOST_OF_A_KEY)
    )
    await connection.execute(delete(_ROW).where(_ROW.id_hash.in_(oldest.scalar_subquery())))


async def find_session(connection: AsyncConnection, session_id: str, *, idle: timedelta) -> SignedIn | None:
    """The session with this id and its key, good or not; None when there never was one, or long ago."""
    query = (
        select(
            _ROW.id_hash, _ROW.key_hash.label("opened_with"), _ROW.last_seen_at,
            _ROW.expires_at.label("ends"), _ROW.ended_at, *key_columns(),
        )
        .join(ApiKeyRow, ApiKeyRow.id == _ROW.key_id)
        .where(_ROW.id_hash == hash_session_id(session_id))
    )  # fmt: skip
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        return None
    return SignedIn(
        id_hash=found.id_hash,
        key=key_of(found, found.opened_with),
        csrf_token=csrf_token(session_id),
        expires_at=found.ends,
        idle_until=found.last_seen_at + idle,
        ended=found.ended_at is not None,
    )


async def end_session(connection: AsyncConnection, id_hash: bytes) -> None:
    """End a session; one that has ended already stays as it was."""
    await connection.execute(
        update(_ROW).where(_ROW.id_hash == id_hash, _ROW.ended_at.is_(None)).values(ended_at=func.now())
    )


async def note_seen(connection: AsyncConnection, seen: Mapping[bytes, datetime]) -> None:
    """Keep when sessions were used last; an older time changes nothing."""
    for id_hash in sorted(seen):
        at = seen[id_hash]
        await connection.execute(
            update(_ROW).where(_ROW.id_hash == id_hash, _ROW.last_seen_at < at).values(last_seen_at=at)
        )


async def forget_sessions(connection: AsyncConnection, most: int) -> int:
    """Delete up to `most` sessions that ended long ago; returns how many it deleted."""
    old = (
        select(_ROW.id_hash)
        .where(_ROW.expires_at < func.now() - REMEMBERED_ENDED)
        .order_by(_ROW.expires_at)
        .limit(most)
    )
    gone = await connection.execute(delete(_ROW).where(_ROW.id_hash.in_(old.scalar_subquery())))
    return gone.rowcount
