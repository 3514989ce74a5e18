"""What people do with a run: start, cancel, retry and close it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func

from services.analysis.repository.run_work import begin_anew
from services.analysis.repository.runs import (
    count_pending,
    lock_project,
    lock_run,
    run_record,
    set_status,
)
from services.analysis.runs.chaining import chain_of, send
from services.analysis.runs.creating import refuse_second
from services.analysis.runs.states import IllegalTransitionError, RunAction, after
from shared.contracts.errors import QueryError
from shared.contracts.runs import (
    CloseRun,
    RunClosed,
    RunFailed,
    RunRecord,
    RunStarted,
    RunStatus,
)
from shared.messaging.transaction import Transaction, transaction


async def start(run_id: UUID) -> RunRecord:
    """Have a run that waits work; one that works already goes on.

    Raises:
        QueryError: `not_found`; `conflict` in any other state.
    """
    async with transaction() as tx:
        status = await lock_run(tx, run_id)
        if status != "running":
            await _move(tx, run_id, status, "start", started_at=func.now(), alive_at=func.now())
            _begin(tx, await run_record(tx, run_id), is_new=True)
        return await run_record(tx, run_id)


async def cancel(run_id: UUID) -> RunRecord:
    """End a run at once; whoever works on it saves nothing more. A second time it stays as it is.

    Raises:
        QueryError: `not_found`; `conflict` once it is completed.
    """
    async with transaction() as tx:
        status = await lock_run(tx, run_id)
        if status != "cancelled":
            await _move(tx, run_id, status, "cancel", runner=None, finished_at=func.now())
            with chain_of(run_id):
                tx.publish(RunFailed(run=await run_record(tx, run_id)))
        return await run_record(tx, run_id)


async def retry(run_id: UUID) -> RunRecord:
    """Go on with a run that failed or was cancelled, at the first batch that is not saved.

    One that had no usable answer to any batch begins anew.

    Raises:
        QueryError: `not_found`; `conflict` in any other state, or while the project has another run.
    """
    async with transaction() as tx:
        status = await lock_run(tx, run_id)
        if status == "running":
            return await run_record(tx, run_id)
        before = await run_record(tx, run_id)
        if status == "cancelled":
            await lock_project(tx, before.project_id)
            await refuse_second(tx, before.project_id, run_id)
        again = {"failure": None, "finished_at": None, "started_at": func.now(), "alive_at": func.now()}
        await _move(tx, run_id, status, "retry", **again)
        if before.batches_failed == before.batches_total:
            await begin_anew(tx, run_id)
        record = await run_record(tx, run_id)
        _begin(tx, record, is_new=before.started_at is None)
        return record


async def close(query: CloseRun) -> RunRecord:
    """Close a run whose proposals are all decided. A second time it stays as it is.

    Raises:
        QueryError: `not_found`; `conflict` with how many proposals wait, or in a state that cannot be closed.
    """
    async with transaction() as tx:
        status = await lock_run(tx, query.run_id)
        if status == "closed":
            return await run_record(tx, query.run_id)
        waiting = await count_pending(tx, query.run_id)
        if waiting and status in ("completed", "reviewed"):
            counted = "1 proposal waits" if waiting == 1 else f"{waiting} proposals wait"
            raise QueryError("conflict", f"{counted} for a decision: approve, reject or merge first.")
        await _move(tx, query.run_id, status, "close", closed_at=func.now(), closed_by=query.closed_by)
        record = await run_record(tx, query.run_id)
        with chain_of(query.run_id):
            tx.publish(RunClosed(run=record))
        return record


def _begin(tx: Transaction, run: RunRecord, *, is_new: bool) -> None:
    """Have it worked on, and tell of it when it begins for the first time."""
    with chain_of(run.id):
        if is_new:
            tx.publish(RunStarted(run=run))
        send(tx, run.id)


async def _move(tx: Transaction, run_id: UUID, status: RunStatus, action: RunAction, **values: Any) -> None:
    try:
        following = after(status, action)
    except IllegalTransitionError as error:
        raise QueryError("conflict", str(error)) from None
    await set_status(tx, run_id, following, **values)
