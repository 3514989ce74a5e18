"""What analysis does when it is told to."""

from datetime import timedelta
from uuid import UUID

from services.analysis.repository.usage import delete_old_calls, keep_calls
from services.analysis.resealing import reseal_keys
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
from shared.messaging.transaction import transaction
from shared.service import actor, read_settings

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
    """Delete old calls, a batch a transaction. A second run finds none."""
    age = timedelta(days=read_settings(AnalysisSettings).usage_kept_days)
    deleted = 0
    while True:
        async with transaction() as tx:
            batch = await delete_old_calls(tx, age, _PURGE_AT_ONCE)
        deleted += batch
        if batch < _PURGE_AT_ONCE:
            return deleted
