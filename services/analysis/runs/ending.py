"""How runs end, and what is told of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from loguru import logger
from prometheus_client import Counter
from sqlalchemy import func

from services.analysis.repository.run_work import note_error
from services.analysis.repository.runs import count_pending, count_proposals, run_record, set_status
from services.analysis.runs.states import after
from shared.contracts.runs import RunCompleted, RunError, RunFailed
from shared.messaging.transaction import Transaction

_ENDED = Counter("tt_runs_ended_total", "Analysis runs that ended, by how.", ["status"])

MOST_ERRORS = 100
"""Kept of a run, the latest."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run's work ends.

    Attributes:
        failure: What happened and what to do, for a person; None when it went well.
        batch: The batch that it failed at.
        attempt: As often that batch was tried, then.
        stopped_by: The cap that ended it early.
    """

    failure: str | None = None
    batch: int | None = None
    attempt: int = 1
    stopped_by: Literal["cost", "tokens"] | None = None


async def end(tx: Transaction, run_id: UUID, ending: Ending) -> None:
    """End the work on a run that is locked and running."""
    values: dict[str, Any] = {"runner": None, "finished_at": func.now()}
    if ending.failure is None:
        await set_status(tx, run_id, after("running", "complete"), stopped_by=ending.stopped_by, **values)
        await _review_if_decided(tx, run_id)
        tx.publish(RunCompleted(run=await run_record(tx, run_id)))
    else:
        error = RunError(
            at=datetime.now(UTC), message=ending.failure, batch=ending.batch, attempt=ending.attempt
        )
        await note_error(tx, run_id, error, MOST_ERRORS)
        await set_status(tx, run_id, after("running", "fail"), failure=ending.failure, **values)
        tx.publish(RunFailed(run=await run_record(tx, run_id)))
    _ENDED.labels("completed" if ending.failure is None else "failed").inc()
    logger.info("run {} ended{}", run_id, f": {ending.failure}" if ending.failure else "")


async def _review_if_decided(tx: Transaction, run_id: UUID) -> None:
    """People may have decided on all of its proposals while it was still at work."""
    if await count_proposals(tx, run_id) and not await count_pending(tx, run_id):
        await set_status(tx, run_id, after("completed", "decide_last"))
