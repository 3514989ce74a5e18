"""Keys made, changed, rotated and revoked: one transaction each, after which every replica knows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.gateway.changes import tell_change
from services.gateway.keyring import DATABASE_ERRORS, KeyRing
from services.gateway.keys import KeyRecord, hash_key, new_key
from services.gateway.stores import keys as key_store
from shared.contracts.errors import QueryError, not_found, unavailable
from shared.messaging.transaction import Transaction, transaction

Keep = Callable[[Transaction, KeyRecord], Awaitable[None]]
"""Notes, in the transaction of a change, what it is answered with."""


async def make_key(
    ring: KeyRing, key_id: UUID, values: Mapping[str, Any], keep: Keep
) -> tuple[KeyRecord, str]:
    """Make a key.

    Args:
        ring: Of this process; it forgets what it knew.
        key_id: Its id.
        values: `name`, `scopes`, `expires_at` and `created_by`.
        keep: What else stands or falls with it.

    Returns:
        The key, and its text, which is not kept.

    Raises:
        QueryError: `conflict` when another good key has its name.
    """
    text, prefix = new_key()
    async with _changing(ring) as tx:
        await _check_name(tx, values["name"], key_id)
        row = {"id": key_id, "prefix": prefix, "key_hash": hash_key(text), **values}
        await key_store.add_key(tx.connection, row)
        key = await _get(tx, key_id)
        await keep(tx, key)
        return key, text


async def change_key(ring: KeyRing, key_id: UUID, values: Mapping[str, Any]) -> KeyRecord:
    """Change a key's `name`, `scopes` or `expires_at`; what is not among the values stays.

    Raises:
        QueryError: `not_found`; `conflict` when it was revoked, the name is taken, or no admin would be left.
    """
    async with _changing(ring) as tx:
        key = await _get_good(tx, key_id)
        if "name" in values:
            await _check_name(tx, values["name"], key_id)
        if "admin" not in values.get("scopes", ["admin"]) or values.get("expires_at") is not None:
            await _check_admin_stays(tx, key)
        if values:
            await key_store.change_key(tx.connection, key_id, values)
        return await _get(tx, key_id)


async def rotate_key(ring: KeyRing, key_id: UUID, grace: timedelta, keep: Keep) -> tuple[KeyRecord, str]:
    """Give a key a new text.

    Args:
        ring: Of this process; it forgets what it knew.
        key_id: Which.
        grace: How long its present text stays good. One from before an earlier rotation ends at once.
        keep: What else stands or falls with it.

    Returns:
        The key, and its new text, which is not kept.

    Raises:
        QueryError: `not_found`; `conflict` when it was revoked or has expired.
    """
    text, prefix = new_key()
    async with _changing(ring) as tx:
        key = await _get_good(tx, key_id)
        now = datetime.now(UTC)
        if key.expires_at is not None and key.expires_at <= now:
            raise QueryError("conflict", f"The API key {key.name!r} has expired; give it a later end first.")
        await key_store.rotate(
            tx.connection, key_id, key_hash=hash_key(text), prefix=prefix, now=now, until=now + grace
        )
        rotated = await _get(tx, key_id)
        await keep(tx, rotated)
        return rotated, text


async def revoke_key(ring: KeyRing, key_id: UUID) -> None:
    """Revoke a key for good; one that was revoked before stays as it was.

    Raises:
        QueryError: `not_found`; `conflict` when no admin would be left.
    """
    async with _changing(ring) as tx:
        key = await _get(tx, key_id)
        if key.revoked_at is not None:
            return
        await _check_admin_stays(tx, key)
        await key_store.change_key(tx.connection, key_id, {"revoked_at": datetime.now(UTC)})


@asynccontextmanager
async def _changing(ring: KeyRing) -> AsyncIterator[Transaction]:
    """A transaction in which nobody else changes keys; once it is committed, every replica is told."""
    try:
        async with transaction() as tx:
            await key_store.lock_keys(tx.connection)
            yield tx
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer, so that no key was changed; try again.") from error
    ring.forget()
    await tell_change()


async def _get(tx: Transaction, key_id: UUID) -> KeyRecord:
    found = await key_store.get_record(tx.connection, key_id)
    if found is None:
        raise not_found(f"API key {key_id}")
    return found


async def _get_good(tx: Transaction, key_id: UUID) -> KeyRecord:
    found = await _get(tx, key_id)
    if found.revoked_at is not None:
        raise QueryError("conflict", f"The API key {found.name!r} was revoked for good; make another.")
    return found


async def _check_name(tx: Transaction, name: str, key_id: UUID) -> None:
    if await key_store.is_taken(tx.connection, name, but=key_id):
        raise QueryError("conflict", f"There is another API key {name!r}.", field="name")


async def _check_admin_stays(tx: Transaction, key: KeyRecord) -> None:
    """Nobody can lock everybody out: some key with the scope `admin` never ends."""
    if "admin" not in key.scopes or key.expires_at is not None:
        return
    if not await key_store.has_admin(tx.connection, but=key.id):
        raise QueryError(
            "conflict",
            "This is the last key with the scope 'admin' that never expires: without it nobody could make "
            "keys any more. Make another first.",
        )
