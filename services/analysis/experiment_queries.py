"""What analysis answers about classification experiments."""

from typing import Annotated

import msgspec
from msgspec import Meta

from services.analysis.experiments import comparing, creating, deleting, ending
from services.analysis.repository.experiment_results import list_results
from services.analysis.repository.experiments import (
    TimeAndExperiment,
    get_experiment,
    list_experiments,
)
from shared.contracts.experiments import (
    CancelExperiment,
    CompareExperiments,
    Comparison,
    CreateExperiment,
    DeleteExperiment,
    ExperimentPage,
    ExperimentRecord,
    GetExperiment,
    ListExperimentResults,
    ListExperiments,
    ResultPage,
)
from shared.database.cursors import read_cursor, write_cursor
from shared.database.pages import cut
from shared.messaging.transaction import transaction


class ByMessage(msgspec.Struct, frozen=True, array_like=True):
    """The key of a list of results."""

    message_id: Annotated[int, Meta(ge=0, le=2**63 - 1)]


async def create_experiment(query: CreateExperiment) -> ExperimentRecord:
    """Make an experiment and begin it."""
    return await creating.create(query)


async def find_experiment(query: GetExperiment) -> ExperimentRecord:
    """One experiment."""
    async with transaction() as tx:
        return await get_experiment(tx, query.experiment_id)


async def page_of_experiments(query: ListExperiments) -> ExperimentPage:
    """Experiments, newest first."""
    after = read_cursor(query.cursor, TimeAndExperiment)
    async with transaction() as tx:
        found = await list_experiments(tx, query.status, after, query.limit + 1)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndExperiment(page[-1].created_at, page[-1].id)) if more else None
    return ExperimentPage(items=page, next_cursor=cursor)


async def page_of_results(query: ListExperimentResults) -> ResultPage:
    """What became of each message, in the order of their ids."""
    after = read_cursor(query.cursor, ByMessage)
    async with transaction() as tx:
        await get_experiment(tx, query.experiment_id)
        found = await list_results(
            tx,
            query.experiment_id,
            wrong=query.wrong,
            after_id=after.message_id if after else 0,
            most=query.limit + 1,
        )
    page, more = cut(found, query.limit)
    return ResultPage(items=page, next_cursor=write_cursor(ByMessage(page[-1].message_id)) if more else None)


async def cancel_experiment(query: CancelExperiment) -> ExperimentRecord:
    """Stop an experiment at once."""
    return await ending.cancel(query.experiment_id)


async def delete_experiment(query: DeleteExperiment) -> None:
    """Delete an experiment that has ended."""
    await deleting.delete(query.experiment_id)


async def compare_experiments(query: CompareExperiments) -> Comparison:
    """Compare two experiments message by message."""
    return await comparing.compare(query.first_id, query.second_id)
