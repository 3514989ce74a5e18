"""The periodic look at runs whose worker has gone away."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from loguru import logger

from services.analysis.repository.run_work import dead_runs, note_error
from services.analysis.repository.runs import run_record
from services.analysis.runs.chaining import chain_of, send
from services.analysis.runs.ending import MOST_ERRORS, Ending, end
from services.analysis.settings import AnalysisSettings
from shared.contracts.runs import RunError
from shared.messaging.transaction import Transaction, transaction
from shared.service import read_settings

MOST_WAKES = 5
"""As often a run is sent again at the same batch; what fails then is not a matter of luck."""

_SILENT = "Whoever worked on it shows no life any more: it was sent to others."
_GIVEN_UP = (
    f"No worker gets through it: it was sent to others {MOST_WAKES} times. Look at the dead letters of the "
    "queue analysis, which say why, then retry the run."
)


async def wake_stuck() -> int:
    """Send runs again that show no life, and end those that this does not help; returns how many."""
    silent_for = timedelta(seconds=read_settings(AnalysisSettings).dead_after)
    async with transaction() as tx:
        stuck = await dead_runs(tx, silent_for)
        for run_id in stuck:
            with chain_of(run_id):
                await _wake(tx, run_id)
    return len(stuck)


async def _wake(tx: Transaction, run_id: UUID) -> None:
    run = await run_record(tx, run_id)
    batch = None if run.batches_total is None else run.batches_done + 1
    woken = sum(
        (error.message, error.batch) == (_SILENT, batch)
        and (run.started_at is None or error.at > run.started_at)
        for error in run.error_log
    )
    if woken >= MOST_WAKES:
        await end(tx, run_id, Ending(_GIVEN_UP, batch, woken + 1))
        return
    logger.warning("run {} shows no life, and is sent again", run_id)
    error = RunError(at=datetime.now(UTC), message=_SILENT, batch=batch, attempt=woken + 1)
    await note_error(tx, run_id, error, MOST_ERRORS)
    send(tx, run_id)
