"""Analysis runs: made, found with their counts, changed in their state."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, case, func, insert, select, true, tuple_, update
from sqlalchemy.sql.selectable import LateralFromClause

from services.analysis.accuracy import Decided, accuracy_of
from services.analysis.runs.states import UNCLOSED
from services.analysis.tables import AnalysisRun, ProjectConfig, RunBatch, TaskProposal
from shared.contracts.errors import not_found
from shared.contracts.runs import ListRuns, RunRecord, RunStatus
from shared.messaging.transaction import Transaction

_SHOWN = frozenset(RunRecord.__struct_fields__) & set(AnalysisRun.__table__.columns.keys())


class TimeAndRun(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of runs."""

    at: datetime
    id: UUID


async def insert_run(tx: Transaction, run_id: UUID, **values: Any) -> None:
    """Keep a new run, of a project that is locked and has no other one that is not closed."""
    await tx.execute(insert(AnalysisRun).values(id=run_id, **values))


async def lock_project(tx: Transaction, project_id: UUID) -> None:
    """Keep others from making and retrying runs of a project until the transaction ends.

    Raises:
        QueryError: `not_found`.
    """
    # Not against who only refers to it: runs that work insert their proposals meanwhile.
    statement = select(ProjectConfig.id).where(ProjectConfig.id == project_id).with_for_update(key_share=True)
    if (await tx.execute(statement)).first() is None:
        raise not_found(f"project {project_id}")


async def unclosed_run(tx: Transaction, project_id: UUID) -> tuple[UUID, RunStatus] | None:
    """The project's run that is not closed, and how it stands."""
    statement = select(AnalysisRun.id, AnalysisRun.status).where(
        AnalysisRun.project_id == project_id, AnalysisRun.status.in_(UNCLOSED)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else (row.id, row.status)


async def find_run(tx: Transaction, run_id: UUID) -> RunRecord | None:
    """The run with this id."""
    row = (await tx.execute(_select().where(AnalysisRun.id == run_id))).one_or_none()
    return None if row is None else _record(row)


async def run_record(tx: Transaction, run_id: UUID) -> RunRecord:
    """The run with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_run(tx, run_id)
    if found is None:
        raise not_found(f"run {run_id}")
    return found


async def list_runs(tx: Transaction, query: ListRuns, after: TimeAndRun | None) -> list[RunRecord]:
    """Runs, newest first; one more than the limit when more follow."""
    statement = (
        _select().order_by(AnalysisRun.created_at.desc(), AnalysisRun.id.desc()).limit(query.limit + 1)
    )
    if query.project_id is not None:
        statement = statement.where(AnalysisRun.project_id == query.project_id)
    if query.status is not None:
        statement = statement.where(AnalysisRun.status == query.status)
    if after is not None:
        statement = statement.where(
            tuple_(AnalysisRun.created_at, AnalysisRun.id) < tuple_(after.at, after.id)
        )
    return [_record(row) for row in await tx.execute(statement)]


async def lock_run(tx: Transaction, run_id: UUID) -> RunStatus:
    """Lock a run; returns how it stands.

    Raises:
        QueryError: `not_found`.
    """
    statement = select(AnalysisRun.status).where(AnalysisRun.id == run_id).with_for_update()
    status: RunStatus | None = (await tx.execute(statement)).scalar()
    if status is None:
        raise not_found(f"run {run_id}")
    return status


async def set_status(tx: Transaction, run_id: UUID, status: RunStatus, **values: Any) -> None:
    """Change the state of a run that is locked."""
    await tx.execute(update(AnalysisRun).where(AnalysisRun.id == run_id).values(status=status, **values))


async def count_proposals(tx: Transaction, run_id: UUID) -> int:
    """How many proposals a run has."""
    statement = select(func.count()).where(TaskProposal.run_id == run_id)
    return int((await tx.execute(statement)).scalar_one())


async def count_pending(tx: Transaction, run_id: UUID) -> int:
    """How many of a run's proposals wait for a decision."""
    statement = select(func.count()).where(TaskProposal.run_id == run_id, TaskProposal.status == "pending")
    return int((await tx.execute(statement)).scalar_one())


def _select() -> Select[Any]:
    """Runs with what their proposals and batches come to: in one statement, so that it is of one moment."""
    columns = [column for column in AnalysisRun.__table__.columns if column.name in _SHOWN]
    counted, failed = _counts(), _failures()
    return (
        select(
            *columns,
            (AnalysisRun.next_batch - 1).label("batches_done"),
            ProjectConfig.name.label("project_name"),
            *counted.columns,
            *failed.columns,
        )
        .join(ProjectConfig, ProjectConfig.id == AnalysisRun.project_id)
        .join(counted, true())
        .join(failed, true())
    )


def _counts() -> LateralFromClause:
    """What the proposals of a run come to."""
    status, recommendation = TaskProposal.status, TaskProposal.recommendation
    taken = status.in_(("approved", "merged"))
    decided = status != "pending"
    agreed = ((recommendation == "approve") & taken) | ((recommendation == "reject") & (status == "rejected"))
    error = TaskProposal.confidence - case((taken, 1.0), else_=0.0)
    return (
        select(
            func.count().label("proposals_total"),
            func.count().filter(status == "pending").label("proposals_pending"),
            func.count().filter(status == "approved").label("proposals_approved"),
            func.count().filter(status == "rejected").label("proposals_rejected"),
            func.count().filter(status == "merged").label("proposals_merged"),
            func.count().filter((status == "approved") & TaskProposal.edited).label("edited_approved"),
            func.count().filter(decided & (recommendation != "review")).label("recommended"),
            func.count().filter(agreed).label("agreed"),
            func.coalesce(func.sum(error * error).filter(decided), 0.0).label("squared_error"),
        )
        .where(TaskProposal.run_id == AnalysisRun.id)
        .lateral("counted")
    )


def _failures() -> LateralFromClause:
    """How many of a run's batches had no usable answer."""
    return (
        select(func.count().label("batches_failed"))
        .where(RunBatch.run_id == AnalysisRun.id, RunBatch.failure.is_not(None))
        .lateral("failures")
    )


def _record(row: Any) -> RunRecord:
    values = dict(row._mapping)  # noqa: SLF001 - a row as a mapping is SQLAlchemy's public API
    decided = Decided(
        approved=row.proposals_approved,
        rejected=row.proposals_rejected,
        merged=row.proposals_merged,
        edited_approved=values.pop("edited_approved"),
        recommended=values.pop("recommended"),
        agreed=values.pop("agreed"),
        squared_error=values.pop("squared_error"),
    )
    return msgspec.convert(values | {"accuracy": accuracy_of(decided)}, RunRecord)
