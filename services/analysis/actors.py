"""What analysis does when it is told to."""

from datetime import timedelta
from uuid import UUID

from services.analysis.experiments.executing import execute
from services.analysis.experiments.waking import wake_stuck
from services.analysis.repository.usage import delete_old_calls, keep_calls
from services.analysis.resealing import reseal_keys
from services.analysis.runs.executing import execute as execute_run
from services.analysis.runs.waking import wake_stuck as wake_stuck_runs
from services.analysis.settings import AnalysisSettings
from services.analysis.validation import validate, validate_waiting
from shared.contracts.analysis import (
    LlmCall,
    PurgeLlmUsage,
    RecordLlmCalls,
    ResealProviderKeys,
    ValidateProvider,
    ValidateWaitingProviders,
)
from shared.contracts.experiments import ExecuteClassificationExperiment, WakeStuckExperiments
from shared.contracts.runs import ExecuteAnalysisRun, WakeStuckRuns
from shared.llm import purge_answers
from shared.messaging.transaction import transaction
from shared.service import actor, read_settings

_HOUR = 3600.0
_PURGE_AT_ONCE = 5000
_LONGEST_TRIAL = 2400.0
"""Seconds: three calls with the longest time limit that a provider may have, and some."""


@actor(ValidateProvider, time_limit=_LONGEST_TRIAL)
async def validate_provider_task(provider_id: UUID) -> dict[str, str | int | None]:
    """Try a provider out. A second run finds the same, and keeps it only for the provider as it was tried."""
    return await validate(provider_id)


@actor(ValidateWaitingProviders)
async def validate_waiting_providers_task() -> int:
    """Have waiting providers validated. A second run has those validated again that still wait."""
    return await validate_waiting()


@actor(RecordLlmCalls)
async def record_llm_calls_task(calls: list[LlmCall]) -> None:
    """Keep what calls cost. A second run finds their ids, and adds nothing."""
    async with transaction() as tx:
        await keep_calls(tx, calls)


@actor(ResealProviderKeys)
async def reseal_provider_keys_task() -> dict[str, int]:
    """Seal keys with the newest encryption key. A second run finds them so."""
    return await reseal_keys(read_settings(AnalysisSettings).encryption_keys)


@actor(PurgeLlmUsage)
async def purge_llm_usage_task() -> int:
    """Delete old calls, and answers that nobody needs any more, in batches. A second run finds none."""
    settings = read_settings(AnalysisSettings)
    await purge_answers(timedelta(days=settings.answers_kept_days))
    age = timedelta(days=settings.usage_kept_days)
    deleted = 0
    while True:
        async with transaction() as tx:
            batch = await delete_old_calls(tx, age, _PURGE_AT_ONCE)
        deleted += batch
        if batch < _PURGE_AT_ONCE:
            return deleted


@actor(ExecuteClassificationExperiment, time_limit=4 * _HOUR)
async def execute_classification_experiment(experiment_id: UUID) -> dict[str, int]:
    """Run an experiment. A second run goes on with the messages that have no result yet."""
    return await execute(experiment_id)


@actor(ExecuteAnalysisRun, time_limit=24 * _HOUR)
async def execute_analysis_run(run_id: UUID, use_rag: bool | None = None) -> dict[str, int]:  # noqa: FBT001
    """Work on a run. A second run goes on with the first batch that is not saved."""
    return await execute_run(run_id, use_rag)


@actor(WakeStuckRuns)
async def wake_stuck_runs_task() -> int:
    """Send runs again whose worker has gone away. A second run finds none."""
    return await wake_stuck_runs()


@actor(WakeStuckExperiments)
async def wake_stuck_experiments_task() -> int:
    """Send experiments again whose worker has gone away. A second run finds none."""
    return await wake_stuck()
