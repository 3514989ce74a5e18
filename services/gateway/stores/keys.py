"""SQL about API keys."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, any_, case, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway.keys import ApiKey, KeyRecord
from services.gateway.tables import ApiKeyRow

_KEYS_LOCK = 5_100_427

_ROW = ApiKeyRow
_RECORD = (
    _ROW.id,
    _ROW.name,
    _ROW.prefix,
    _ROW.scopes,
    _ROW.created_by,
    _ROW.created_at,
    _ROW.expires_at,
    _ROW.last_used_at,
    _ROW.rotated_at,
    case((_ROW.previous_until > func.now(), _ROW.previous_until)).label("previous_until"),
    _ROW.revoked_at,
)
_ADMIN_FOR_EVER = (
    literal("admin") == any_(_ROW.scopes),
    _ROW.revoked_at.is_(None),
    _ROW.expires_at.is_(None),
)


class KeyPlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of keys ended: the key of a list by time, newest first."""

    at: datetime
    id: UUID


async def lock_keys(connection: AsyncConnection) -> None:
    """Let no other transaction change keys until this one ends; on any replica."""
    await connection.execute(select(func.pg_advisory_xact_lock(_KEYS_LOCK)))


async def key_by_hash(connection: AsyncConnection, key_hash: bytes) -> ApiKey | None:
    """The key of which this is the hash, or was before its rotation; good or not."""
    found = await _first(connection, (_ROW.key_hash == key_hash) | (_ROW.previous_hash == key_hash))
    return None if found is None else key_of(found, key_hash)


async def key_by_id(connection: AsyncConnection, key_id: UUID) -> ApiKey | None:
    """The key with this id, by its present text; good or not."""
    found = await _first(connection, _ROW.id == key_id)
    return None if found is None else key_of(found, found.key_hash)


def key_columns() -> tuple[Any, ...]:
    """What `key_of` needs of a row."""
    row = _ROW
    return (
        row.id.label("key_id"), row.name, row.scopes, row.expires_at, row.revoked_at, row.key_hash,
        row.previous_hash, row.previous_until,
    )  # fmt: skip


def key_of(row: Row[Any], key_hash: bytes) -> ApiKey:
    """The key of a row, as whoever came with the text of this hash has it."""
    rotated = key_hash != row.key_hash
    until: datetime | None = row.expires_at
    if rotated:
        end = row.previous_until if key_hash == row.previous_hash else datetime.min.replace(tzinfo=UTC)
        until = end if until is None else min(until, end)
    return ApiKey(
        id=row.key_id,
        name=row.name,
        key_hash=key_hash,
        scopes=frozenset(row.scopes),
        valid_until=until,
        revoked=row.revoked_at is not None,
        rotated=rotated,
    )


async def has_admin(connection: AsyncConnection, *, but: UUID | None = None) -> bool:
    """Whether there is a key with the scope `admin` that never expires, leaving one out."""
    query = select(_ROW.id).where(*_ADMIN_FOR_EVER).limit(1)
    if but is not None:
        query = query.where(_ROW.id != but)
    return await connection.scalar(query) is not None


async def is_taken(connection: AsyncConnection, name: str, *, but: UUID | None = None) -> bool:
    """Whether a key that was not revoked has this name, whatever its case, leaving one out."""
    query = select(_ROW.id).where(func.lower(_ROW.name) == func.lower(name), _ROW.revoked_at.is_(None))
    return await connection.scalar(query if but is None else query.where(_ROW.id != but)) is not None


async def add_key(connection: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Keep a key; returns whether it was kept: not when one of the same text is there, revoked or not."""
    added = await connection.execute(
        insert(_ROW).values(**values).on_conflict_do_nothing(index_elements=[_ROW.key_hash])
    )
    return added.rowcount > 0


async def change_key(connection: AsyncConnection, key_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a key."""
    await connection.execute(update(_ROW).where(_ROW.id == key_id).values(**values))


async def rotate(  # noqa: PLR0913 - what a rotation changes
    connection: AsyncConnection,
    key_id: UUID,
    *,
    key_hash: bytes,
    prefix: str,
    now: datetime,
    until: datetime,
) -> None:
    """Give a key another text; the present one becomes the previous one, good until then."""
    await connection.execute(
        update(_ROW)
        .where(_ROW.id == key_id)
        .values(
            previous_hash=_ROW.key_hash,
            previous_until=until,
            key_hash=key_hash,
            prefix=prefix,
            rotated_at=now,
        )
    )


async def get_record(connection: AsyncConnection, key_id: UUID) -> KeyRecord | None:
    """A key as people see it."""
    found = (await connection.execute(select(*_RECORD).where(_ROW.id == key_id))).one_or_none()
    return None if found is None else _record(found)


async def list_records(
    connection: AsyncConnection, *, after: KeyPlace | None, limit: int, with_revoked: bool
) -> list[KeyRecord]:
    """Keys, newest first; one more than the limit when more follow."""
    query: Select[Any] = select(*_RECORD).order_by(_ROW.created_at.desc(), _ROW.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(_ROW.created_at, _ROW.id) < (after.at, after.id))
    if not with_revoked:
        query = query.where(_ROW.revoked_at.is_(None))
    return [_record(row) for row in await connection.execute(query)]


async def note_used(connection: AsyncConnection, used: Mapping[UUID, datetime]) -> None:
    """Keep when keys were used last; an older time changes nothing."""
    for key_id in sorted(used):  # in one order, so that two replicas never wait for each other
        at = used[key_id]
        await connection.execute(
            update(_ROW)
            .where(_ROW.id == key_id, func.coalesce(_ROW.last_used_at < at, True))
            .values(last_used_at=at)
        )


async def _first(connection: AsyncConnection, condition: ColumnElement[bool]) -> Row[Any] | None:
    return (await connection.execute(select(*key_columns()).where(condition))).one_or_none()


def _record(row: Row[Any]) -> KeyRecord:
    values = row._asdict()
    return KeyRecord(**{**values, "scopes": sorted(row.scopes)})
