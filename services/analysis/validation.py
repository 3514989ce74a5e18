"""Validation: a provider is tried out between two transactions; what was found is kept if it still holds."""

from uuid import UUID

from services.analysis.agents import point_at
from services.analysis.repository.configuration import lock_configuration
from services.analysis.repository.providers import Provider
from services.analysis.repository.validations import (
    begin_validation,
    end_validation,
    forget_wishes,
    waiting_providers,
)
from services.analysis.trial import Trial, try_out
from shared.contracts.analysis import ProviderChanged, ValidateProvider, ValidationStatus
from shared.messaging.transaction import Transaction, transaction
from shared.service import FinalFailure


async def validate(provider_id: UUID) -> dict[str, str | int | None]:
    """Try a provider out and keep how it went; when it went well, the agents that were to use it do so.

    Returns:
        `status` (`connected`, `error`, or `outdated` when the provider was changed meanwhile), `error` and
        `dimension`.

    Raises:
        FinalFailure: There is no such provider.
        QueryError: `unavailable`, when it could not be tried because of a server of ours.
    """
    async with transaction() as tx:
        provider = await begin_validation(tx, provider_id)
        if provider is None:
            raise FinalFailure(f"There is no provider {provider_id}.")
        tx.publish(ProviderChanged(provider_id=provider_id, provider=provider.record))
    trial = await try_out(provider.access)
    async with transaction() as tx:
        await lock_configuration(tx)
        ended = await _keep(tx, provider, trial)
    if ended is None:
        return {"status": "outdated", "error": None, "dimension": None}
    record = ended.record
    return {
        "status": record.validation_status,
        "error": record.validation_error,
        "dimension": record.dimension,
    }


async def validate_waiting() -> int:
    """Have each provider validated that waits for it; returns how many."""
    async with transaction() as tx:
        waiting = await waiting_providers(tx)
        for provider_id in waiting:
            tx.send(ValidateProvider(provider_id=provider_id))
    return len(waiting)


async def _keep(tx: Transaction, provider: Provider, trial: Trial) -> Provider | None:
    status: ValidationStatus = "connected" if trial.error is None else "error"
    ended = await end_validation(tx, provider, status, trial.error, trial.found)
    if ended is None:
        return None
    if status == "connected" and ended.record.activate:
        for kind in ended.record.activate:
            await point_at(tx, kind, ended.record)
        ended = await forget_wishes(tx, provider.record.id)
    tx.publish(ProviderChanged(provider_id=provider.record.id, provider=ended.record))
    return ended
