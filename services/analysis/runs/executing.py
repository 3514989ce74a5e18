"""A run from its beginning to its end, batch by batch, whatever happens on the way.

It can be killed at any point: what was answered is cached, what was saved is done, and whoever takes it over
goes on with the first batch that is not.
"""

from uuid import UUID, uuid4

from loguru import logger

from services.analysis.models import RULES
from services.analysis.places import place
from services.analysis.proposed import BatchWork, Proposed
from services.analysis.proposing import propose
from services.analysis.repository.run_work import (
    count_usable,
    next_batch,
    say_waiting,
    take_over,
    update_mine,
)
from services.analysis.repository.runs import find_run, run_record
from services.analysis.runs.ending import Ending, end
from services.analysis.runs.freezing import thaw
from services.analysis.runs.planning import plan
from services.analysis.runs.running import Run
from services.analysis.runs.saving import save, save_failure
from services.analysis.settings import AnalysisSettings
from shared.contracts.ingestion import GetMessages, MessageRecord
from shared.contracts.runs import RunRecord
from shared.llm import (
    BadAnswerError,
    BudgetExceededError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SealedKeyError,
    Usage,
    open_agent_on,
)
from shared.llm.turns import NotMineError, Patience, kept_alive
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction
from shared.service import FinalFailure, NotNow, read_settings

_PATIENCE = 15.0


async def execute(run_id: UUID, use_rag: bool | None = None) -> dict[str, int]:  # noqa: FBT001 - as in the command
    """Work on a run to its end, wherever it stands.

    Args:
        run_id: Which.
        use_rag: None is as the run was made.

    Returns:
        How many batches are done, and how many proposals there are.

    Raises:
        FinalFailure: There is no such run.
        QueryError: `unavailable` when a service that it needs does not answer; it goes on when run again.
        NotNow: When this process has enough to do.
    """
    try:
        async with place():
            await _execute(run_id, use_rag=use_rag)
    except NotNow:
        # It waits in the queue, and is not to be taken for dead.
        async with transaction() as tx:
            await say_waiting(tx, run_id)
        raise
    async with transaction() as tx:
        record = await run_record(tx, run_id)
    return {"batches": record.batches_done, "proposals": record.proposals_total}


async def _execute(run_id: UUID, *, use_rag: bool | None) -> None:
    try:
        run = await _begin(run_id, use_rag=use_rag)
        if run is not None:
            async with kept_alive(run):
                ending = await _work(run)
                async with transaction() as tx:
                    await run.hold(tx)
                    await end(tx, run.id, ending)
    except NotMineError:
        logger.info("run {} is over, or somebody else's", run_id)


async def _begin(run_id: UUID, *, use_rag: bool | None) -> Run | None:
    """Take a run over; None when it is not to be worked on."""
    runner, settings = uuid4(), read_settings(AnalysisSettings)
    async with transaction() as tx:
        if await find_run(tx, run_id) is None:
            raise FinalFailure(f"There is no run {run_id}.")
        if not await take_over(tx, run_id, runner):
            return None
        # Read when it is one's own: until then, whoever worked on it may have kept what it spent.
        record = await run_record(tx, run_id)
        access = await thaw(tx, record.config_snapshot)
        if access is None:
            gone = f"The provider {record.config_snapshot.provider_name} was deleted."
            await end(tx, run_id, Ending(f"{gone} Cancel the run, and make another one."))
            return None
    return Run(
        id=run_id,
        runner=runner,
        session=open_agent_on(access, rules=RULES, spent=_spent(record)),
        update_mine=update_mine,
        patience=Patience(settings.provider_tries, settings.provider_pause, settings.dead_after),
        calls=record.calls,
        cached_calls=record.cached_calls,
        snapshot=record.config_snapshot,
        since=record.since,
        until=record.until,
        use_rag=record.use_rag if use_rag is None else use_rag,
        is_planned=record.batches_total is not None,
    )


async def _work(run: Run) -> Ending:
    """Plan where that is to be done, then do all batches that are left; says how the run ends."""
    if not run.is_planned:
        await plan(run)
    while True:
        async with transaction() as tx:
            batch = await next_batch(tx, run.id)
        if batch is None:
            return await _whole(run)
        number, message_ids = batch
        try:
            await save(run, number, await _propose(run, message_ids))
        except BadAnswerError as error:
            await save_failure(run, number, str(error))
        except BudgetExceededError as error:
            logger.info("{}", error)
            return Ending(stopped_by="tokens" if "max_tokens_per_run" in str(error) else "cost")
        except ProviderUnavailableError as error:
            return Ending(str(error), batch=number, attempt=run.patience.tries + 1)
        except (ProviderRefusedError, SealedKeyError) as error:
            return Ending(str(error), batch=number)


async def _whole(run: Run) -> Ending:
    """The ending of a run whose batches are all saved: it failed when no batch had a usable answer."""
    async with transaction() as tx:
        record = await run_record(tx, run.id)
        if record.batches_failed and not await count_usable(tx, run.id):
            why = record.error_log[-1].message if record.error_log else ""
            return Ending(f"The model had no usable answer to any batch. {why}".strip())
    return Ending()


async def _propose(run: Run, message_ids: list[int]) -> Proposed:
    messages = await _messages(message_ids)
    if not messages:
        return Proposed()
    return await propose(BatchWork(run.id, run.snapshot, run.use_rag, messages, run.ask))


async def _messages(message_ids: list[int]) -> list[MessageRecord]:
    """The messages of a batch that still say something, in the order sent."""
    found = await ask(GetMessages(message_ids=message_ids), timeout=_PATIENCE)
    said = [message for message in found if message.has_text]
    return sorted(said, key=lambda message: (message.sent_at, message.id))


def _spent(record: RunRecord) -> Usage:
    return Usage(input_tokens=record.input_tokens, output_tokens=record.output_tokens, cost=record.cost)
