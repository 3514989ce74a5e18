"""What analysis answers about runs."""

from services.analysis.repository.runs import TimeAndRun, list_runs, run_record
from services.analysis.runs import controlling, creating
from shared.contracts.runs import (
    CancelRun,
    CloseRun,
    CreateRun,
    GetRun,
    ListRuns,
    RetryRun,
    RunPage,
    RunRecord,
    StartRun,
)
from shared.database.cursors import read_cursor, write_cursor
from shared.database.pages import cut
from shared.messaging.transaction import transaction


async def create_run(query: CreateRun) -> RunRecord:
    """Make a run, with an estimate."""
    return await creating.create(query)


async def start_run(query: StartRun) -> RunRecord:
    """Have a run work."""
    return await controlling.start(query.run_id)


async def cancel_run(query: CancelRun) -> RunRecord:
    """Stop a run before its next batch."""
    return await controlling.cancel(query.run_id)


async def retry_run(query: RetryRun) -> RunRecord:
    """Go on with a run that failed or was cancelled."""
    return await controlling.retry(query.run_id)


async def close_run(query: CloseRun) -> RunRecord:
    """Close a run whose proposals are all decided."""
    return await controlling.close(query)


async def find_run(query: GetRun) -> RunRecord:
    """One run."""
    async with transaction() as tx:
        return await run_record(tx, query.run_id)


async def page_of_runs(query: ListRuns) -> RunPage:
    """Runs, newest first."""
    after = read_cursor(query.cursor, TimeAndRun)
    async with transaction() as tx:
        found = await list_runs(tx, query, after)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndRun(page[-1].created_at, page[-1].id)) if more else None
    return RunPage(items=page, next_cursor=cursor)
