"""An experiment from its beginning to its end, ten messages at a time, whatever happens on the way.

It can be killed at any point: what was answered is cached, what was saved is done, and whoever takes it over
goes on with the messages that have no result.
"""

import asyncio
from uuid import UUID, uuid4

from loguru import logger

from services.analysis.experiments.classifying import Attempt, classifier
from services.analysis.experiments.ending import Ending, announced, end
from services.analysis.experiments.measuring import measure
from services.analysis.experiments.opening import CannotBeginError, open_session
from services.analysis.experiments.running import Run
from services.analysis.places import place
from services.analysis.repository.experiment_results import count_results, insert_results, outcomes
from services.analysis.repository.experiments import (
    get_experiment,
    lock_experiment,
    say_waiting,
    spent_calls,
    take_over,
    update_mine,
)
from services.analysis.repository.snapshots import next_unclassified
from services.analysis.settings import AnalysisSettings
from shared.contracts.errors import QueryError
from shared.contracts.experiments import ExperimentProgress, ExperimentStarted
from shared.llm import (
    BudgetExceededError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SealedKeyError,
)
from shared.llm.turns import NotMineError, Patience, Turn, kept_alive
from shared.messaging.transaction import transaction
from shared.service import FinalFailure, NotNow, read_settings

AT_ONCE = 10
"""Messages that are saved together, with one event of progress."""


async def execute(experiment_id: UUID) -> dict[str, int]:
    """Run an experiment to its end, wherever it stands.

    Returns:
        How many messages it has classified.

    Raises:
        FinalFailure: There is no such experiment.
        NotNow: When this process has enough to do.
    """
    try:
        async with place():
            await _execute(experiment_id)
    except NotNow:
        # It waits in the queue, and is not to be taken for forgotten.
        async with transaction() as tx:
            await say_waiting(tx, experiment_id)
        raise
    async with transaction() as tx:
        return {"classified": await count_results(tx, experiment_id)}


async def _execute(experiment_id: UUID) -> None:
    try:
        run = await _begin(experiment_id)
        if run is not None:
            async with kept_alive(run.turn):
                ending = await _work(run)
                async with transaction() as tx:
                    await run.turn.hold(tx)
                    await end(tx, run.id, ending)
    except CannotBeginError as error:
        async with transaction() as tx:
            await end(tx, experiment_id, Ending("failed", str(error)))
    except NotMineError:
        logger.info("experiment {} is over, or somebody else's", experiment_id)


async def _begin(experiment_id: UUID) -> Run | None:
    """Take an experiment over; None when it has ended."""
    runner = uuid4()
    async with transaction() as tx:
        status = await lock_experiment(tx, experiment_id)
        if status is None:
            raise FinalFailure(f"There is no experiment {experiment_id}.")
        if not await take_over(tx, experiment_id, runner):
            return None
        # Read when it is one's own: until then, whoever worked on it may have kept what it spent.
        record = await get_experiment(tx, experiment_id)
        calls, cached_calls = await spent_calls(tx, experiment_id)
        if status == "pending":
            tx.publish(ExperimentStarted(experiment=announced(record)))
    settings = read_settings(AnalysisSettings)
    turn = Turn(
        id=experiment_id,
        runner=runner,
        session=await open_session(record),
        update_mine=update_mine,
        patience=Patience(settings.provider_tries, settings.provider_pause, settings.dead_after),
        calls=calls,
        cached_calls=cached_calls,
    )
    return Run(record, turn)


async def _work(run: Run) -> Ending:
    """Classify all messages that are left; says how the run ends."""
    classify = classifier(run)
    while True:
        async with transaction() as tx:
            messages = await next_unclassified(tx, run.id, run.record.snapshot_id, AT_ONCE)
        if not messages:
            return await _measured(run)
        try:
            attempt = await classify(messages)
            await _save(run, attempt)
            if attempt.error is not None:
                raise attempt.error
        except BudgetExceededError as error:
            return _stopped(run, error)
        except (ProviderRefusedError, ProviderUnavailableError, SealedKeyError) as error:
            return Ending("failed", str(error))
        except QueryError as error:
            return Ending("failed", f"{error} What was classified is kept; begin another experiment later.")


async def _save(run: Run, attempt: Attempt) -> None:
    if not attempt.results:
        return
    async with transaction() as tx:
        await run.turn.hold(tx)
        await insert_results(tx, run.id, attempt.results)
        tx.publish(
            ExperimentProgress(
                experiment_id=run.id,
                messages_done=await count_results(tx, run.id),
                messages_total=run.record.messages_total,
            )
        )


async def _measured(run: Run) -> Ending:
    async with transaction() as tx:
        found = await outcomes(tx, run.id)
    # The interval takes a second or so for a thousand messages: others are not to wait for it.
    metrics = await asyncio.to_thread(measure, found, run.record.topics, run.turn.session.chat.spent.cost)
    return Ending("completed", metrics=metrics)


def _stopped(run: Run, error: BudgetExceededError) -> Ending:
    if "max_tokens_per_run" in str(error):
        return Ending("failed", str(error), stopped_by="tokens")
    spent = run.turn.session.chat.spent.cost
    failure = (
        f"Its cap of ${run.record.max_cost:g} was reached: ${spent:.4f} are spent. "
        "What was classified is kept; begin another experiment with a higher max_cost: what was answered is "
        "not paid again."
    )
    return Ending("failed", failure, stopped_by="cost")
