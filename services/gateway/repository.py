"""SQL about repeated requests; that about who comes in is in `stores`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.gateway.tables import IdempotentRequestRow

KEPT = timedelta(hours=24)
"""How long the answer to a request with an `Idempotency-Key` is kept."""


@dataclass(frozen=True)
class KeptRequest:
    """A request with an `Idempotency-Key`, as it was kept.

    Attributes:
        fingerprint: Digest of method, address and body.
        run_id: The run that it began or will begin.
        status: How it was answered; None while it is not.
        location: The answer's `Location`.
        body: The answer's JSON.
    """

    fingerprint: bytes
    run_id: UUID
    status: int | None
    location: str | None
    body: bytes | None


async def claim_request(  # noqa: PLR0913 - a row has as many columns
    connection: AsyncConnection,
    api_key_id: UUID,
    idempotency_key: str,
    *,
    fingerprint: bytes,
    run_id: UUID,
    seconds: float,
) -> UUID | None:
    """Claim a request for this process.

    Args:
        connection: In a transaction.
        api_key_id: Whose request it is.
        idempotency_key: What the client named it.
        fingerprint: Digest of method, address and body.
        run_id: The run_id to use when the request is new.
        seconds: How long nobody else may claim it.

    Returns:
        The run_id to use; None when it was answered already, is claimed by another or is a different request.
    """
    row = IdempotentRequestRow
    until = func.now() + timedelta(seconds=seconds)
    await connection.execute(
        delete(row).where(
            row.api_key_id == api_key_id,
            row.idempotency_key == idempotency_key,
            row.created_at < func.now() - KEPT,
        )
    )
    claim = (
        insert(row)
        .values(
            api_key_id=api_key_id,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            run_id=run_id,
            locked_until=until,
        )
        .on_conflict_do_update(
            index_elements=[row.api_key_id, row.idempotency_key],
            set_={"locked_until": until},
            where=(row.status.is_(None)) & (row.locked_until < func.now()) & (row.fingerprint == fingerprint),
        )
        .returning(row.run_id)
    )
    return cast("UUID | None", await connection.scalar(claim))


async def kept_request(
    connection: AsyncConnection, api_key_id: UUID, idempotency_key: str
) -> KeptRequest | None:
    """A request as it was kept; None when it was not, or just expired."""
    row = IdempotentRequestRow
    found = (
        await connection.execute(
            select(row.fingerprint, row.run_id, row.status, row.location, row.body).where(
                row.api_key_id == api_key_id, row.idempotency_key == idempotency_key
            )
        )
    ).one_or_none()
    return None if found is None else KeptRequest(*found)


async def keep_answer(  # noqa: PLR0913 - a row has as many columns
    connection: AsyncConnection,
    api_key_id: UUID,
    idempotency_key: str,
    *,
    status: int,
    location: str | None,
    body: bytes,
) -> None:
    """Keep how a claimed request was answered."""
    row = IdempotentRequestRow
    await connection.execute(
        update(row)
        .where(row.api_key_id == api_key_id, row.idempotency_key == idempotency_key)
        .values(status=status, location=location, body=body)
    )


async def release_request(connection: AsyncConnection, api_key_id: UUID, idempotency_key: str) -> None:
    """Let a claimed request that failed be tried again at once, under the same run_id."""
    row = IdempotentRequestRow
    await connection.execute(
        update(row)
        .where(row.api_key_id == api_key_id, row.idempotency_key == idempotency_key, row.status.is_(None))
        .values(locked_until=func.now() - timedelta(seconds=1))
    )


async def forget_old_requests(connection: AsyncConnection, most: int) -> int:
    """Delete up to `most` requests that are past their time; returns how many it deleted."""
    row = IdempotentRequestRow
    oldest = (
        select(row.api_key_id, row.idempotency_key)
        .where(row.created_at < func.now() - KEPT)
        .order_by(row.created_at)
        .limit(most)
        .subquery()
    )
    gone = await connection.execute(
        delete(row).where(
            row.api_key_id == oldest.c.api_key_id, row.idempotency_key == oldest.c.idempotency_key
        )
    )
    return gone.rowcount


async def answers(connection: AsyncConnection) -> None:
    """Ask the database for nothing; raises when it does not answer."""
    await connection.execute(text("SELECT 1"))
