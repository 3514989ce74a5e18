"""Rotation of encryption keys: what was sealed with an earlier one is sealed anew with the newest."""

from cryptography.fernet import Fernet, InvalidToken

from services.analysis.repository.providers import Provider, all_providers
from services.analysis.repository.validations import keep_resealed_key, note_unopenable_key
from shared.contracts.analysis import ProviderChanged
from shared.llm import SealedKeyError, reseal
from shared.messaging.transaction import Transaction, transaction


async def reseal_keys(encryption_keys: str) -> dict[str, int]:
    """Seal each provider's key anew that is not sealed with the newest encryption key.

    Args:
        encryption_keys: Fernet keys, newest first, separated by commas, as this process has bound them.

    Returns:
        How many keys were `resealed`, had been sealed with the newest key (`kept`), and cannot be opened
        (`lost`); the providers of the last say what to do.
    """
    counts = {"resealed": 0, "kept": 0, "lost": 0}
    async with transaction() as tx:
        providers = [provider for provider in await all_providers(tx) if provider.sealed_key is not None]
    for provider in providers:
        async with transaction() as tx:
            counts[await _reseal(tx, provider, encryption_keys)] += 1
    return counts


def is_sealed_with_newest(sealed_key: str, encryption_keys: str) -> bool:
    """Whether a key was sealed with the first of these encryption keys."""
    newest = next(filter(None, map(str.strip, encryption_keys.split(","))), None)
    if newest is None:
        return False
    try:
        Fernet(newest.encode()).decrypt(sealed_key.encode())
    except InvalidToken:
        return False
    return True


async def _reseal(tx: Transaction, provider: Provider, encryption_keys: str) -> str:
    sealed_key = provider.sealed_key or ""
    if is_sealed_with_newest(sealed_key, encryption_keys):
        return "kept"
    try:
        resealed = reseal(sealed_key)
    except SealedKeyError as error:
        changed = await note_unopenable_key(tx, provider, str(error))
        outcome = "lost"
    else:
        changed = await keep_resealed_key(tx, provider, resealed)
        outcome = "resealed"
    if changed is not None:
        tx.publish(ProviderChanged(provider_id=provider.record.id, provider=changed.record))
    return outcome
