"""SQL about the audit log."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway.audit_records import AuditRecord, Ending, Entry
from services.gateway.tables import AuditRow
from shared.database.cursors import TimeAndId

_ROW = AuditRow
_RECORD = (
    _ROW.id, _ROW.at, _ROW.kind, _ROW.key_id, _ROW.key_name, _ROW.method, _ROW.route, _ROW.path, _ROW.address,
    _ROW.attempts, _ROW.status, _ROW.run_id, _ROW.ended_at,
)  # fmt: skip


async def add_entries(connection: AsyncConnection, entries: Sequence[Entry]) -> list[int]:
    """Write entries; returns their ids, in order."""
    added = await connection.execute(
        insert(_ROW).returning(_ROW.id, sort_by_parameter_order=True),
        [msgspec.structs.asdict(entry) for entry in entries],
    )
    return list(added.scalars())


async def end_entries(connection: AsyncConnection, endings: Sequence[Ending]) -> None:
    """Add how entries ended; what was told of one before stays."""
    query = (
        update(_ROW)
        .where(_ROW.id == bindparam("entry_id"), _ROW.status.is_(None))
        .values(status=bindparam("ended_with"), run_id=bindparam("began"), ended_at=bindparam("ended"))
    )
    await connection.execute(
        query,
        [
            {
                "entry_id": ending.entry_id,
                "ended_with": ending.status,
                "began": ending.run_id,
                "ended": ending.ended_at,
            }
            for ending in endings
        ],
    )


async def list_entries(  # noqa: PLR0913 - the filters of the list
    connection: AsyncConnection,
    *,
    key_id: UUID | None,
    route: str | None,
    since: datetime | None,
    until: datetime | None,
    before: TimeAndId | None,
    limit: int,
) -> list[AuditRecord]:
    """Entries, newest first; one more than the limit when more follow."""
    conditions: list[Any] = []
    if key_id is not None:
        conditions.append(_ROW.key_id == key_id)
    if route is not None:
        conditions.append(_ROW.route == route)
    if since is not None:
        conditions.append(_ROW.at >= since)
    if until is not None:
        conditions.append(_ROW.at < until)
    if before is not None:
        conditions.append(tuple_(_ROW.at, _ROW.id) < (before.at, before.id))
    query = select(*_RECORD).where(*conditions).limit(limit + 1).order_by(_ROW.at.desc(), _ROW.id.desc())
    return [AuditRecord(**row._asdict()) for row in await connection.execute(query)]


async def forget_entries(connection: AsyncConnection, *, older: timedelta, most: int) -> int:
    """Delete up to `most` entries that are older than that; returns how many it deleted."""
    old = select(_ROW.id).where(_ROW.at < func.now() - older).order_by(_ROW.at, _ROW.id).limit(most)
    gone = await connection.execute(delete(_ROW).where(_ROW.id.in_(old.scalar_subquery())))
    return gone.rowcount
