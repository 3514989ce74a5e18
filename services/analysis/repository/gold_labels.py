"""Gold labels: the decisions that hold, read off the proposals."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, tuple_

from services.analysis.tables import AnalysisRun, TaskProposal
from shared.contracts.proposals import GoldLabel, ListGoldLabels
from shared.messaging.transaction import Transaction


class TimeAndProposal(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of gold labels."""

    at: datetime
    id: UUID


async def list_gold_labels(
    tx: Transaction, query: ListGoldLabels, after: TimeAndProposal | None
) -> list[GoldLabel]:
    """Gold labels in the order of their decisions; one more than the limit when more follow."""
    proposal, snapshot = TaskProposal, AnalysisRun.config_snapshot
    columns: tuple[Any, ...] = (
        proposal.id.label("proposal_id"),
        proposal.run_id,
        proposal.status.label("label"),
        proposal.title,
        proposal.category,
        proposal.priority,
        proposal.confidence,
        proposal.recommendation,
        proposal.edited,
        snapshot["model"].astext.label("model"),
        snapshot["prompt"].astext.label("prompt"),
        proposal.quotes,
        proposal.reason,
        proposal.decided_by,
        proposal.decided_at,
    )
    statement = (
        select(*columns)
        .join(AnalysisRun, AnalysisRun.id == proposal.run_id)
        .where(proposal.status != "pending")
        .order_by(proposal.decided_at, proposal.id)
        .limit(query.limit + 1)
    )
    if query.project_id is not None:
        statement = statement.where(proposal.project_id == query.project_id)
    if after is not None:
        statement = statement.where(tuple_(proposal.decided_at, proposal.id) > tuple_(after.at, after.id))
    return [
        msgspec.convert(dict(row._mapping), GoldLabel)  # noqa: SLF001 - SQLAlchemy's public API
        for row in await tx.execute(statement)
    ]
