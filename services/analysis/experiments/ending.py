"""How experiments end, and what is told of it."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec
from loguru import logger
from prometheus_client import Counter

from services.analysis.repository.experiments import end_experiment, get_experiment, lock_experiment
from shared.contracts.errors import QueryError, not_found
from shared.contracts.experiments import (
    ExperimentCompleted,
    ExperimentFailed,
    ExperimentMetrics,
    ExperimentRecord,
)
from shared.messaging.transaction import Transaction, transaction

_ENDED = Counter("tt_experiments_ended_total", "Experiments that ended, by how.", ["status"])
_CANCELLED = "It was cancelled. What it had classified is kept."


@dataclass(frozen=True, slots=True)
class Ending:
    """How an experiment ends.

    Attributes:
        failure: What happened and what to do, for a person.
        stopped_by: The cap that ended it.
    """

    status: Literal["completed", "failed", "cancelled"]
    failure: str | None = None
    stopped_by: Literal["cost", "tokens"] | None = None
    metrics: ExperimentMetrics | None = None


async def end(tx: Transaction, experiment_id: UUID, ending: Ending) -> bool:
    """End an experiment that has not ended; returns whether it had not."""
    values: dict[str, Any] = {
        "failure": ending.failure,
        "stopped_by": ending.stopped_by,
        "metrics": msgspec.to_builtins(ending.metrics),
    }
    if not await end_experiment(tx, experiment_id, ending.status, **values):
        return False
    record = announced(await get_experiment(tx, experiment_id))
    if ending.status == "completed":
        tx.publish(ExperimentCompleted(experiment=record))
    else:
        tx.publish(ExperimentFailed(experiment=record))
    _ENDED.labels(ending.status).inc()
    logger.info("experiment {} {}{}", experiment_id, ending.status, f": {ending.failure or ''}".rstrip(": "))
    return True


def announced(record: ExperimentRecord) -> ExperimentRecord:
    """An experiment as events carry it: its topics without their descriptions, which may be long."""
    topics = [msgspec.structs.replace(topic, description="") for topic in record.topics]
    return msgspec.structs.replace(record, topics=topics)


async def cancel(experiment_id: UUID) -> ExperimentRecord:
    """End an experiment at once; whoever works on it saves nothing more. A second time it stays as it is.

    Raises:
        QueryError: `not_found`, or `conflict` when it has ended in another way.
    """
    async with transaction() as tx:
        status = await lock_experiment(tx, experiment_id)
        if status is None:
            raise not_found(f"experiment {experiment_id}")
        if status in ("completed", "failed"):
            raise QueryError("conflict", f"The experiment has {status} already and cannot be cancelled.")
        await end(tx, experiment_id, Ending("cancelled", _CANCELLED))
        return await get_experiment(tx, experiment_id)
