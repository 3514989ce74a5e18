"""What calls of providers cost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.analysis.tables import LlmProvider, LlmUsage
from shared.contracts.analysis import GetLlmUsage, LlmCall, UsageLine
from shared.messaging.transaction import Transaction


class TimeAndCall(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of calls."""

    at: datetime
    id: UUID


async def keep_calls(tx: Transaction, calls: Sequence[LlmCall]) -> None:
    """Keep calls; one whose id is known already stays as it is."""
    rows = {call.id: _row(call) for call in calls}
    if rows:
        # Always in the same order, so that two deliveries of the same calls never wait for each other.
        ordered = [rows[call_id] for call_id in sorted(rows)]
        await tx.execute(insert(LlmUsage).on_conflict_do_nothing(index_elements=["id"]), ordered)


async def usage_lines(tx: Transaction, query: GetLlmUsage) -> list[UsageLine]:
    """What calls came to by provider, model and task, dearest first."""
    usage = LlmUsage
    asked = usage.cached.is_(False)
    statement = (
        select(
            usage.provider_id,
            LlmProvider.name.label("provider_name"),
            usage.model,
            usage.task,
            func.count().label("calls"),
            func.count().filter(usage.cached).label("cached"),
            func.count().filter(usage.error.is_not(None)).label("failed"),
            func.sum(usage.input_tokens).label("input_tokens"),
            func.sum(usage.output_tokens).label("output_tokens"),
            func.sum(usage.cost).label("cost"),
            func.coalesce(func.avg(usage.duration_ms).filter(asked), 0.0).label("mean_ms"),
        )
        .outerjoin(LlmProvider, LlmProvider.id == usage.provider_id)
        .where(*_within(query))
        .group_by(usage.provider_id, LlmProvider.name, usage.model, usage.task)
        .order_by(
            func.sum(usage.cost).desc(), func.count().desc(), usage.provider_id, usage.model, usage.task
        )
    )
    return [_line(row) for row in await tx.execute(statement)]


async def calls_of_run(tx: Transaction, run_id: UUID, after: TimeAndCall | None, limit: int) -> list[LlmCall]:
    """The calls of a run, oldest first."""
    usage = LlmUsage
    statement = (
        select(*usage.__table__.columns).where(usage.run_id == run_id).order_by(usage.called_at, usage.id)
    )
    if after is not None:
        statement = statement.where(tuple_(usage.called_at, usage.id) > tuple_(after.at, after.id))
    return [
        LlmCall(**row._mapping)  # noqa: SLF001 - a row as a mapping is SQLAlchemy's public API
        for row in await tx.execute(statement.limit(limit))
    ]


async def delete_old_calls(tx: Transaction, age: timedelta, most: int) -> int:
    """Delete up to `most` calls that are older than `age`, oldest first; returns how many."""
    old = (
        select(LlmUsage.id)
        .where(LlmUsage.called_at < func.now() - age)
        .order_by(LlmUsage.called_at)
        .limit(most)
    )
    return (await tx.execute(delete(LlmUsage).where(LlmUsage.id.in_(old)))).rowcount


def _within(query: GetLlmUsage) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.run_id is not None:
        conditions.append(LlmUsage.run_id == query.run_id)
    if query.since is not None:
        conditions.append(LlmUsage.called_at >= query.since)
    if query.until is not None:
        conditions.append(LlmUsage.called_at < query.until)
    return conditions


def _line(row: Any) -> UsageLine:
    return UsageLine(
        provider_id=row.provider_id,
        provider_name=row.provider_name,
        model=row.model,
        task=row.task,
        calls=row.calls,
        cached=row.cached,
        failed=row.failed,
        input_tokens=int(row.input_tokens),
        output_tokens=int(row.output_tokens),
        cost=row.cost,
        mean_ms=round(row.mean_ms, 1),
    )


def _row(call: LlmCall) -> dict[str, Any]:
    """A call as its columns hold it; Postgres keeps no zero byte."""
    return {
        name: value.replace("\x00", "�") if isinstance(value, str) else value
        for name, value in msgspec.structs.asdict(call).items()
    }
