"""Snapshots: the topics and the labelled messages that experiments share."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from services.analysis.experiments.labelled import Gathered, LabelledMessage
from services.analysis.tables import (
    ClassificationExperiment,
    ExperimentLabel,
    ExperimentResultRow,
    ExperimentSnapshot,
)
from shared.messaging.transaction import Transaction


async def insert_snapshot(tx: Transaction, snapshot_id: UUID, gathered: Gathered) -> bool:
    """Keep a snapshot unless there is one with its id; returns whether it was kept."""
    made = (
        insert(ExperimentSnapshot)
        .values(id=snapshot_id, topics=msgspec.to_builtins(gathered.topics))
        .on_conflict_do_nothing()
        .returning(ExperimentSnapshot.id)
    )
    if (await tx.execute(made)).first() is None:
        return False
    rows = [
        {
            "snapshot_id": snapshot_id,
            "message_id": message.message_id,
            "topic_id": message.topic_id,
            "text": message.text,
        }
        for message in gathered.messages
    ]
    await tx.execute(insert(ExperimentLabel), rows)
    return True


async def hold_snapshot(tx: Transaction, experiment_id: UUID) -> tuple[UUID, int] | None:
    """An experiment's snapshot, kept from being deleted, and how many messages it has; None without one."""
    experiment = ClassificationExperiment
    statement = (
        select(ExperimentSnapshot.id)
        .join(experiment, experiment.snapshot_id == ExperimentSnapshot.id)
        .where(experiment.id == experiment_id)
        .with_for_update(key_share=True, read=True, of=ExperimentSnapshot)
    )
    snapshot_id: UUID | None = (await tx.execute(statement)).scalar()
    if snapshot_id is None:
        return None
    counted = select(func.count()).where(ExperimentLabel.snapshot_id == snapshot_id)
    return snapshot_id, int((await tx.execute(counted)).scalar_one())


async def delete_unused_snapshot(tx: Transaction, snapshot_id: UUID) -> None:
    """Delete a snapshot that no experiment has any more."""
    # Locked before it is looked whether one has it: who makes one of it at this moment is waited for.
    await tx.execute(
        select(ExperimentSnapshot.id).where(ExperimentSnapshot.id == snapshot_id).with_for_update()
    )
    used = exists().where(ClassificationExperiment.snapshot_id == snapshot_id)
    await tx.execute(delete(ExperimentSnapshot).where(ExperimentSnapshot.id == snapshot_id, ~used))


async def first_texts(tx: Transaction, snapshot_id: UUID, most: int) -> list[str]:
    """The texts of a snapshot's first messages."""
    label = ExperimentLabel
    statement = (
        select(label.text).where(label.snapshot_id == snapshot_id).order_by(label.message_id).limit(most)
    )
    return list((await tx.execute(statement)).scalars())


async def next_unclassified(
    tx: Transaction, experiment_id: UUID, snapshot_id: UUID, most: int
) -> Sequence[LabelledMessage]:
    """The next messages of a snapshot without a result in an experiment, in id order."""
    label, result = ExperimentLabel, ExperimentResultRow
    has_result = exists().where(result.experiment_id == experiment_id, result.message_id == label.message_id)
    statement = (
        select(label.message_id, label.topic_id, label.text)
        .where(label.snapshot_id == snapshot_id, ~has_result)
        .order_by(label.message_id)
        .limit(most)
    )
    return [LabelledMessage(row.message_id, row.topic_id, row.text) for row in await tx.execute(statement)]
