"""Experiments: made, begun, kept alive, ended, deleted, found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.analysis.tables import ClassificationExperiment, ExperimentResultRow, ExperimentSnapshot
from shared.contracts.errors import not_found
from shared.contracts.experiments import ExperimentMetrics, ExperimentRecord, ExperimentStatus, SnapshotTopic
from shared.messaging.transaction import Transaction

OPEN: tuple[ExperimentStatus, ...] = ("pending", "running")
_NOT_BEGUN = 12
_COLUMNS = frozenset(ExperimentRecord.__struct_fields__) & set(
    ClassificationExperiment.__table__.columns.keys()
)


class TimeAndExperiment(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of experiments."""

    at: datetime
    id: UUID


async def insert_experiment(tx: Transaction, experiment_id: UUID, **values: Any) -> bool:
    """Keep an experiment, whose snapshot is there, unless its id is known; returns whether it was kept."""
    statement = (
        insert(ClassificationExperiment)
        .values(id=experiment_id, **values)
        .on_conflict_do_nothing()
        .returning(ClassificationExperiment.id)
    )
    return (await tx.execute(statement)).first() is not None


async def find_experiment(tx: Transaction, experiment_id: UUID) -> ExperimentRecord | None:
    """The experiment with this id."""
    row = (await tx.execute(_select().where(ClassificationExperiment.id == experiment_id))).one_or_none()
    return None if row is None else _record(row)


async def get_experiment(tx: Transaction, experiment_id: UUID) -> ExperimentRecord:
    """The experiment with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_experiment(tx, experiment_id)
    if found is None:
        raise not_found(f"experiment {experiment_id}")
    return found


async def list_experiments(
    tx: Transaction, status: ExperimentStatus | None, after: TimeAndExperiment | None, most: int
) -> list[ExperimentRecord]:
    """Experiments, newest first."""
    experiment = ClassificationExperiment
    statement = _select().order_by(experiment.created_at.desc(), experiment.id.desc()).limit(most)
    if status is not None:
        statement = statement.where(experiment.status == status)
    if after is not None:
        statement = statement.where(tuple_(experiment.created_at, experiment.id) < tuple_(after.at, after.id))
    return [_record(row) for row in await tx.execute(statement)]


async def lock_experiment(tx: Transaction, experiment_id: UUID) -> ExperimentStatus | None:
    """Lock an experiment; returns how it stands, None when there is none."""
    statement = (
        select(ClassificationExperiment.status)
        .where(ClassificationExperiment.id == experiment_id)
        .with_for_update()
    )
    status: ExperimentStatus | None = (await tx.execute(statement)).scalar()
    return status


async def take_over(tx: Transaction, experiment_id: UUID, runner: UUID) -> bool:
    """Begin to work on an experiment that has not ended, also when somebody else did before.

    Returns:
        False when it has ended.
    """
    experiment = ClassificationExperiment
    statement = (
        update(experiment)
        .where(experiment.id == experiment_id, experiment.status.in_(OPEN))
        .values(
            status="running",
            runner=runner,
            started_at=func.coalesce(experiment.started_at, func.now()),
            alive_at=func.now(),
        )
    )
    return (await tx.execute(statement)).rowcount == 1


async def update_mine(tx: Transaction, work_id: UUID, runner: UUID, **values: Any) -> bool:
    """Say that one works on an experiment, and keep what is known of it now; locks it.

    Returns:
        False when it is one's own no more: it was cancelled, given up for dead, or taken over.
    """
    experiment = ClassificationExperiment
    statement = (
        update(experiment)
        .where(experiment.id == work_id, experiment.status == "running", experiment.runner == runner)
        .values(alive_at=func.now(), **values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def spent_calls(tx: Transaction, experiment_id: UUID) -> tuple[int, int]:
    """How many questions were put to the provider so far, and how many the cache answered."""
    columns = ClassificationExperiment.calls, ClassificationExperiment.cached_calls
    row = (await tx.execute(select(*columns).where(ClassificationExperiment.id == experiment_id))).one()
    return row.calls, row.cached_calls


async def end_experiment(
    tx: Transaction, experiment_id: UUID, status: ExperimentStatus, **values: Any
) -> bool:
    """End an experiment that has not ended; returns whether it had not."""
    experiment = ClassificationExperiment
    statement = (
        update(experiment)
        .where(experiment.id == experiment_id, experiment.status.in_(OPEN))
        .values(status=status, finished_at=func.now(), **values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def stuck_experiments(tx: Transaction, silent_for: timedelta) -> Sequence[tuple[UUID, datetime]]:
    """Experiments that have not ended and show no life, with when they were made; locks them.

    One that has not begun may wait in a long queue, and has twelve times as long.
    """
    experiment = ClassificationExperiment
    is_silent = or_(
        and_(experiment.status == "running", experiment.alive_at < func.now() - silent_for),
        experiment.alive_at < func.now() - silent_for * _NOT_BEGUN,
    )
    statement = (
        select(experiment.id, experiment.created_at)
        .where(experiment.status.in_(OPEN), is_silent)
        .order_by(experiment.id)
        .with_for_update(skip_locked=True)
    )
    return [(row.id, row.created_at) for row in await tx.execute(statement)]


async def say_waiting(tx: Transaction, experiment_id: UUID) -> None:
    """Say that an experiment is not forgotten, though nobody works on it yet."""
    await tx.execute(
        update(ClassificationExperiment)
        .where(ClassificationExperiment.id == experiment_id)
        .values(alive_at=func.now())
    )


async def delete_experiment_row(tx: Transaction, experiment_id: UUID) -> UUID:
    """Delete an experiment that is there, with its results; returns the id of its snapshot."""
    statement = (
        delete(ClassificationExperiment)
        .where(ClassificationExperiment.id == experiment_id)
        .returning(ClassificationExperiment.snapshot_id)
    )
    snapshot_id: UUID = (await tx.execute(statement)).scalar_one()
    return snapshot_id


def _select() -> Select[Any]:
    experiment, result = ClassificationExperiment, ExperimentResultRow
    done = select(func.count()).where(result.experiment_id == experiment.id).scalar_subquery()
    return select(
        *(experiment.__table__.columns[name] for name in sorted(_COLUMNS)),
        ExperimentSnapshot.topics.label("topics"),
        done.label("messages_done"),
    ).join(ExperimentSnapshot, ExperimentSnapshot.id == experiment.snapshot_id)


def _record(row: Any) -> ExperimentRecord:
    given = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
    given["topics"] = msgspec.convert(given["topics"], list[SnapshotTopic])
    given["metrics"] = msgspec.convert(given["metrics"], ExperimentMetrics | None)
    return ExperimentRecord(**given)
