"""Proposals: found, locked, changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from services.analysis.tables import AnalysisRun, TaskProposal
from shared.contracts.errors import not_found
from shared.contracts.proposals import ExportProposals, ListProposals, ProposalRecord, SimilarProposal
from shared.contracts.runs import RunStatus
from shared.database.cursors import BigInt
from shared.messaging.transaction import Transaction

_COLUMNS = frozenset(ProposalRecord.__struct_fields__) & set(TaskProposal.__table__.columns.keys())
_SIMILAR = aliased(TaskProposal)
_COMPARED = frozenset({"title", "description"})
"""What vectors are made of."""


class PlaceInRuns(msgspec.Struct, frozen=True, array_like=True):
    """The key of a list of proposals: when their batch was saved, and their place in it."""

    at: datetime
    batch: BigInt
    place: BigInt
    id: UUID


async def find_proposals(tx: Transaction, proposal_ids: Iterable[UUID]) -> dict[UUID, ProposalRecord]:
    """The proposals with these ids, by id; those that are not there are left out."""
    found = await tx.execute(_select().where(TaskProposal.id.in_(list(proposal_ids))))
    return {row.id: record_of(row) for row in found}


async def get_proposal(tx: Transaction, proposal_id: UUID) -> ProposalRecord:
    """The proposal with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_proposals(tx, [proposal_id])
    if not found:
        raise not_found(f"proposal {proposal_id}")
    return found[proposal_id]


async def list_proposals(
    tx: Transaction, query: ListProposals, after: PlaceInRuns | None
) -> list[ProposalRecord]:
    """Proposals, newest first, those of a batch in their order; one more than the limit when more follow."""
    proposal = TaskProposal
    equal = {
        proposal.run_id: query.run_id,
        proposal.project_id: query.project_id,
        proposal.status: query.status,
        proposal.category: query.category,
        proposal.priority: query.priority,
        proposal.novelty: query.novelty,
    }
    statement = (
        _select()
        .where(*(column == value for column, value in equal.items() if value is not None))
        .order_by(proposal.created_at.desc(), proposal.batch.desc(), proposal.place, proposal.id)
        .limit(query.limit + 1)
    )
    if query.min_confidence is not None:
        statement = statement.where(proposal.confidence >= query.min_confidence)
    if after is not None:
        statement = statement.where(_behind(after))
    return [record_of(row) for row in await tx.execute(statement)]


async def approved_proposals(
    tx: Transaction, query: ExportProposals, after: PlaceInRuns | None, most: int
) -> list[ProposalRecord]:
    """Approved proposals, oldest first."""
    proposal = TaskProposal
    key = tuple_(proposal.created_at, proposal.batch, proposal.place, proposal.id)
    equal = {
        proposal.run_id: query.run_id,
        proposal.project_id: query.project_id,
        proposal.category: query.category,
    }
    statement = (
        _select()
        .where(proposal.status == "approved")
        .where(*(column == value for column, value in equal.items() if value is not None))
        .order_by(proposal.created_at, proposal.batch, proposal.place, proposal.id)
        .limit(most)
    )
    if after is not None:
        statement = statement.where(key > tuple_(after.at, after.batch, after.place, after.id))
    return [record_of(row) for row in await tx.execute(statement)]


async def place_of(tx: Transaction, proposal_id: UUID) -> PlaceInRuns:
    """The key of a proposal in lists."""
    proposal = TaskProposal
    statement = select(proposal.created_at, proposal.batch, proposal.place).where(proposal.id == proposal_id)
    row = (await tx.execute(statement)).one()
    return PlaceInRuns(row.created_at, row.batch, row.place, proposal_id)


async def runs_and_targets(
    tx: Transaction, proposal_ids: Iterable[UUID]
) -> dict[UUID, tuple[UUID, UUID | None]]:
    """Of each proposal that there is the run, which never changes, and what took it over, which may."""
    statement = select(TaskProposal.id, TaskProposal.run_id, TaskProposal.merged_into).where(
        TaskProposal.id.in_(list(proposal_ids))
    )
    return {row.id: (row.run_id, row.merged_into) for row in await tx.execute(statement)}


async def lock_runs(tx: Transaction, run_ids: Iterable[UUID]) -> dict[UUID, RunStatus]:
    """Lock runs, in the order of their ids; returns how each stands."""
    statement = (
        select(AnalysisRun.id, AnalysisRun.status)
        .where(AnalysisRun.id.in_(list(run_ids)))
        .order_by(AnalysisRun.id)
        .with_for_update()
    )
    return {row.id: row.status for row in await tx.execute(statement)}


async def lock_proposals(tx: Transaction, proposal_ids: Sequence[UUID]) -> dict[UUID, ProposalRecord]:
    """Lock proposals whose runs are locked, in the order of their ids; returns those that there are."""
    statement = (
        select(TaskProposal.id)
        .where(TaskProposal.id.in_(list(proposal_ids)))
        .order_by(TaskProposal.id)
        .with_for_update(key_share=True)
    )
    await tx.execute(statement)
    return await find_proposals(tx, proposal_ids)


async def change_proposals(tx: Transaction, proposal_ids: Sequence[UUID], **values: Any) -> None:
    """Change columns of proposals that are locked; each has its next version then.

    One whose words change has no vector any more: it gets another one with the next batch of its project.
    """
    if not values.keys().isdisjoint(_COMPARED):
        values |= {"space_id": None, "vector": None}
    await tx.execute(
        update(TaskProposal)
        .where(TaskProposal.id.in_(list(proposal_ids)))
        .values(**values, version=TaskProposal.version + 1, updated_at=func.clock_timestamp())
    )


async def has_taken_over(tx: Transaction, proposal_id: UUID) -> bool:
    """Whether others are merged into a proposal."""
    statement = select(exists().where(TaskProposal.merged_into == proposal_id))
    return bool((await tx.execute(statement)).scalar_one())


def record_of(row: Any) -> ProposalRecord:
    """A row of `_select` as others may know it."""
    given = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
    similar = None
    if given["similar_title"] is not None:
        similar = SimilarProposal(
            proposal_id=given["similar_id"],
            title=given["similar_title"],
            status=given["similar_status"],
            similarity=given["similarity"] or 0.0,
        )
    return msgspec.convert({name: given[name] for name in _COLUMNS} | {"similar": similar}, ProposalRecord)


def _select() -> Select[Any]:
    return select(
        *(TaskProposal.__table__.columns[name] for name in sorted(_COLUMNS)),
        TaskProposal.similar_id,
        TaskProposal.similarity,
        _SIMILAR.title.label("similar_title"),
        _SIMILAR.status.label("similar_status"),
    ).outerjoin(_SIMILAR, _SIMILAR.id == TaskProposal.similar_id)


def _behind(after: PlaceInRuns) -> ColumnElement[bool]:
    """What comes later in a list that begins with the newest batch, and with the first within it."""
    proposal = TaskProposal
    later_place = tuple_(proposal.place, proposal.id) > tuple_(after.place, after.id)
    same_batch = and_(proposal.created_at == after.at, proposal.batch == after.batch)
    older = tuple_(proposal.created_at, proposal.batch) < tuple_(after.at, after.batch)
    # The first condition says nothing more: by it the index is entered at the right place.
    return and_(proposal.created_at <= after.at, or_(older, and_(same_batch, later_place)))
