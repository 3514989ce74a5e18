"""The audit log of proposals, which is only ever added to, and bulk reviews with their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.analysis.reviews.taking import Taken
from services.analysis.tables import BulkReviewRow, ProposalChangeRow, TaskProposal
from shared.contracts.proposals import (
    ListProposalChanges,
    ProposalChange,
    ReviewedProposal,
    ReviewProposals,
)
from shared.database.cursors import BigInt
from shared.messaging.transaction import Transaction

_DECISIONS = ("approved", "rejected", "merged")


class ChangeId(msgspec.Struct, frozen=True, array_like=True):
    """The key of the log of one proposal."""

    id: BigInt


@dataclass(frozen=True, slots=True)
class Merge:
    """An entry of the log by which a proposal was merged.

    Attributes:
        holds: It has not been taken back since.
    """

    id: int
    proposal_id: UUID
    taken: Taken
    holds: bool


async def add_changes(tx: Transaction, entries: Sequence[dict[str, Any]]) -> None:
    """Add entries to the log, each with `proposal_id`, `change` and `changed_by`, and what else is known."""
    rows = [
        {
            "proposal_id": entry["proposal_id"],
            "change": entry["change"],
            "before": msgspec.to_builtins(entry.get("before", {})),
            "after": msgspec.to_builtins(entry.get("after", {})),
            "reason": entry.get("reason", ""),
            "bulk_id": entry.get("bulk_id"),
            "reverts": entry.get("reverts"),
            "changed_by": entry["changed_by"],
            "changed_at": func.clock_timestamp(),
        }
        for entry in entries
    ]
    await tx.execute(insert(ProposalChangeRow).values(rows))


async def list_changes(
    tx: Transaction, query: ListProposalChanges, after: ChangeId | None
) -> list[ProposalChange]:
    """The log of one proposal, oldest first; one more than the limit when more follow."""
    statement = (
        select(*ProposalChangeRow.__table__.columns)
        .where(ProposalChangeRow.proposal_id == query.proposal_id)
        .order_by(ProposalChangeRow.id)
        .limit(query.limit + 1)
    )
    if after is not None:
        statement = statement.where(ProposalChangeRow.id > after.id)
    return [
        msgspec.convert(dict(row._mapping), ProposalChange)  # noqa: SLF001 - SQLAlchemy's public API
        for row in await tx.execute(statement)
    ]


async def last_decision(tx: Transaction, proposal_id: UUID) -> int:
    """The entry of the decision that holds of a proposal that is decided."""
    statement = select(func.max(ProposalChangeRow.id)).where(
        ProposalChangeRow.proposal_id == proposal_id, ProposalChangeRow.change.in_(_DECISIONS)
    )
    return int((await tx.execute(statement)).scalar_one())


async def merges_into(tx: Transaction, proposal_id: UUID) -> list[Merge]:
    """Every merge into a proposal that there ever was, oldest first."""
    entry, proposal = ProposalChangeRow, TaskProposal
    latest = (
        select(func.max(ProposalChangeRow.id))
        .where(ProposalChangeRow.proposal_id == proposal.id, ProposalChangeRow.change == "merged")
        .correlate(proposal)
        .scalar_subquery()
    )
    statement = (
        select(
            entry.id,
            entry.proposal_id,
            entry.after["taken"].label("taken"),
            ((proposal.merged_into == proposal_id) & (entry.id == latest)).label("holds"),
        )
        .join(proposal, proposal.id == entry.proposal_id)
        .where(entry.change == "merged", entry.after["merged_into"].astext == str(proposal_id))
        .order_by(entry.id)
    )
    return [
        Merge(row.id, row.proposal_id, msgspec.convert(row.taken, Taken), bool(row.holds))
        for row in await tx.execute(statement)
    ]


async def last_edit_of_tags(tx: Transaction, proposal_id: UUID) -> int:
    """The last entry by which a person changed a proposal's tags; 0 when nobody did."""
    entry = ProposalChangeRow
    statement = select(func.coalesce(func.max(entry.id), 0)).where(
        entry.proposal_id == proposal_id, entry.change == "edited", entry.after.has_key("tags")
    )
    return int((await tx.execute(statement)).scalar_one())


async def begin_bulk(
    tx: Transaction, query: ReviewProposals
) -> tuple[ReviewProposals, list[ReviewedProposal]] | None:
    """Begin a bulk review; of one that was made already, what was asked and what became of it.

    Of two with one id at once the second waits for the first.
    """
    values = {
        "decision": query.decision,
        "proposal_ids": query.proposal_ids,
        "reason": query.reason,
        "reviewed_by": query.reviewed_by,
    }
    statement = upsert(BulkReviewRow).values(id=query.bulk_id, **values).on_conflict_do_nothing()
    if (await tx.execute(statement.returning(BulkReviewRow.id))).first() is not None:
        return None
    found = select(*(BulkReviewRow.__table__.columns[name] for name in (*values, "items")))
    row = (await tx.execute(found.where(BulkReviewRow.id == query.bulk_id))).one()
    given = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public API
    items = msgspec.convert(given.pop("items"), list[ReviewedProposal])
    return ReviewProposals(bulk_id=query.bulk_id, **given), items


async def end_bulk(tx: Transaction, bulk_id: UUID, items: Sequence[ReviewedProposal]) -> None:
    """Keep what became of a bulk review."""
    await tx.execute(
        update(BulkReviewRow).where(BulkReviewRow.id == bulk_id).values(items=msgspec.to_builtins(items))
    )
