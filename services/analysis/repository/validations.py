"""How the validation of providers goes, and what becomes of their keys."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from services.analysis.repository.providers import Provider, find_provider, get_provider
from services.analysis.tables import LlmProvider
from shared.contracts.analysis import ValidationStatus
from shared.messaging.transaction import Transaction
from shared.sealing import CANNOT_OPEN

LOST_AFTER = timedelta(hours=1)
"""After which a validation that has not ended never will; the longest takes some 30 minutes."""


async def claim_validation_run(tx: Transaction, provider_id: UUID, run_id: UUID) -> bool:
    """Note the run that validates a provider; returns whether it is not the last one that was noted."""
    changed = await tx.execute(
        update(LlmProvider)
        .where(LlmProvider.id == provider_id, LlmProvider.validation_run_id.is_distinct_from(run_id))
        .values(validation_run_id=run_id)
    )
    return changed.rowcount == 1


async def begin_validation(tx: Transaction, provider_id: UUID) -> Provider | None:
    """Note that a provider is being validated; None when there is none with this id."""
    await tx.execute(
        update(LlmProvider)
        .where(LlmProvider.id == provider_id)
        .values(validation_status="validating", validation_error=None, validation_began_at=func.now())
    )
    return await find_provider(tx, provider_id)


async def end_validation(
    tx: Transaction, provider: Provider, status: ValidationStatus, error: str | None, found: Mapping[str, Any]
) -> Provider | None:
    """Keep how a validation went, unless the provider was changed or deleted since it began.

    Args:
        tx: The transaction.
        provider: As it was when the validation began.
        status: `connected` or `error`.
        error: What went wrong, and what to do.
        found: Columns that the validation learned: models that it chose, the dimension.

    Returns:
        The provider as it is now; None when the outcome was not kept.
    """
    changed = await tx.execute(
        update(LlmProvider)
        .where(LlmProvider.id == provider.record.id, LlmProvider.revision == provider.revision)
        .values(validation_status=status, validation_error=error, validated_at=func.now(), **found)
    )
    return await get_provider(tx, provider.record.id) if changed.rowcount else None


async def forget_wishes(tx: Transaction, provider_id: UUID) -> Provider:
    """Note that the agents which were to use a provider do so now."""
    await tx.execute(update(LlmProvider).where(LlmProvider.id == provider_id).values(activate=[]))
    return await get_provider(tx, provider_id)


async def waiting_providers(tx: Transaction) -> list[UUID]:
    """Providers whose validation is due or was lost; and `local` while it fails, for it costs nothing."""
    status = LlmProvider.validation_status
    waits = or_(
        status == "pending",
        (status == "validating") & (LlmProvider.validation_began_at < func.now() - LOST_AFTER),
        (status == "error") & (LlmProvider.type == "local"),
    )
    return list((await tx.execute(select(LlmProvider.id).where(waits).order_by(LlmProvider.id))).scalars())


async def keep_resealed_key(tx: Transaction, provider: Provider, sealed_key: str) -> Provider | None:
    """Keep a key as it is sealed now; None when another one was given meanwhile.

    A provider that failed because its key could not be opened waits for another validation.
    """
    values: dict[str, Any] = {"sealed_key": sealed_key}
    if CANNOT_OPEN in (provider.record.validation_error or ""):
        values |= {"validation_status": "pending", "validation_error": None}
    return await _change_if_key_stands(tx, provider, values)


async def note_unopenable_key(tx: Transaction, provider: Provider, error: str) -> Provider | None:
    """Note that a provider's key cannot be opened; None when that is noted, or another one was given."""
    record = provider.record
    if (record.validation_status, record.validation_error) == ("error", error):
        return None
    values = {"validation_status": "error", "validation_error": error, "validated_at": func.now()}
    return await _change_if_key_stands(tx, provider, values)


async def _change_if_key_stands(
    tx: Transaction, provider: Provider, values: Mapping[str, Any]
) -> Provider | None:
    changed = await tx.execute(
        update(LlmProvider)
        .where(LlmProvider.id == provider.record.id, LlmProvider.sealed_key == provider.sealed_key)
        .values(**values)
    )
    return await get_provider(tx, provider.record.id) if changed.rowcount else None
