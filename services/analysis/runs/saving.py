"""Saving a batch: its proposals, the run's progress and what is told of it, in one transaction."""

from datetime import UTC, datetime
from uuid import UUID

from services.analysis.proposed import Proposed
from services.analysis.repository.run_work import end_batch, insert_proposals, note_error
from services.analysis.repository.runs import run_record
from services.analysis.runs.ending import MOST_ERRORS
from services.analysis.runs.running import Run
from shared.contracts.runs import BatchCompleted, RunError
from shared.messaging.transaction import Transaction, transaction


async def save(run: Run, number: int, proposed: Proposed) -> None:
    """Keep what a batch came to, and go on to the next.

    Raises:
        NotMineError: The run is somebody else's, or over.
    """
    async with transaction() as tx:
        await run.hold(tx)
        ids = await insert_proposals(
            tx,
            run.id,
            run.snapshot.project.id,
            number,
            proposed.proposals,
            basic_mode=run.basic_mode,
        )
        dropped = {
            "quotes_dropped": proposed.quotes_dropped,
            "proposals_dropped": proposed.proposals_dropped,
        }
        await end_batch(tx, run.id, number, failure=None, dropped=dropped)
        await _tell(tx, run, number, ids)


async def save_failure(run: Run, number: int, reason: str) -> None:
    """Note that a batch had no usable answer, and go on to the next.

    Raises:
        NotMineError: The run is somebody else's, or over.
    """
    async with transaction() as tx:
        await run.hold(tx)
        await end_batch(tx, run.id, number, failure=reason, dropped={})
        await note_error(
            tx, run.id, RunError(at=datetime.now(UTC), message=reason, batch=number), MOST_ERRORS
        )
        await _tell(tx, run, number, [])


async def _tell(tx: Transaction, run: Run, number: int, proposal_ids: list[UUID]) -> None:
    record = await run_record(tx, run.id)
    tx.publish(
        BatchCompleted(
            run_id=run.id,
            batch=number,
            batches_done=record.batches_done,
            batches_total=record.batches_total or 0,
            proposal_ids=proposal_ids,
        )
    )
