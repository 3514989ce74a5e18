"""Deleting an experiment."""

from uuid import UUID

from services.analysis.repository.experiments import OPEN, delete_experiment_row, lock_experiment
from services.analysis.repository.snapshots import delete_unused_snapshot
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction


async def delete(experiment_id: UUID) -> None:
    """Delete an experiment with its results, and its snapshot when no other one has it; twice is harmless.

    Raises:
        QueryError: `conflict` while it has not ended.
    """
    async with transaction() as tx:
        status = await lock_experiment(tx, experiment_id)
        if status is None:
            return
        if status in OPEN:
            raise QueryError("conflict", f"The experiment is {status}: cancel it first, then delete it.")
        await delete_unused_snapshot(tx, await delete_experiment_row(tx, experiment_id))
