"""Claims: which extraction has which message, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from shared.messaging.transaction import Transaction

_IDS = bindparam("ids", type_=ARRAY(BigInteger))

_CLAIM = text(
    """
    WITH free AS (
        SELECT message_id FROM knowledge.pending_messages
        WHERE message_id = ANY(:ids) AND state = ANY(:states)
        ORDER BY message_id FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE knowledge.pending_messages held SET state = 'claimed', extraction_id = :extraction_id
    FROM free WHERE held.message_id = free.message_id
    RETURNING held.message_id, held.trace
    """
).bindparams(_IDS, bindparam("states", type_=ARRAY(Text)))
_LET_GO = text(
    """
    WITH held AS (
        SELECT message_id FROM knowledge.pending_messages
        WHERE extraction_id = :extraction_id AND state = 'claimed'
            AND (:all OR message_id = ANY(:ids))
        ORDER BY message_id FOR NO KEY UPDATE
    )
    UPDATE knowledge.pending_messages let SET
        extraction_id = NULL,
        failures = let.failures + :failed,
        reason = coalesce(:reason, let.reason),
        state = CASE
            WHEN let.extracted_hash = let.content_hash THEN 'done'
            WHEN let.failures + :failed >= :most_failures THEN 'set_aside'
            ELSE 'waiting'
        END
    FROM held WHERE let.message_id = held.message_id
    RETURNING let.state
    """
).bindparams(_IDS)
_DROP = text(
    """
    UPDATE knowledge.pending_messages SET state = 'set_aside', extraction_id = NULL, reason = :reason
    WHERE extraction_id = :extraction_id AND state = 'claimed' AND message_id = ANY(:ids)
    """
).bindparams(_IDS)
_DONE = text(
    """
    UPDATE knowledge.pending_messages held SET state = 'done', failures = 0, reason = NULL,
        extracted_hash = given.content_hash
    FROM unnest(:ids, :hashes) AS given (message_id, content_hash)
    WHERE held.message_id = given.message_id AND held.extraction_id = :extraction_id
        AND held.state = 'claimed'
    """
).bindparams(_IDS, bindparam("hashes", type_=ARRAY(Text)))
_ORPHANS = text(
    """
    WITH orphans AS (
        SELECT held.message_id FROM knowledge.pending_messages held
            JOIN knowledge.extraction_runs run ON run.id = held.extraction_id
        WHERE held.state = 'claimed' AND run.status NOT IN ('pending', 'running')
        ORDER BY held.message_id FOR NO KEY UPDATE OF held SKIP LOCKED
    )
    UPDATE knowledge.pending_messages let SET extraction_id = NULL,
        state = CASE WHEN let.extracted_hash = let.content_hash THEN 'done' ELSE 'waiting' END
    FROM orphans WHERE let.message_id = orphans.message_id
    """
)
_HAS_DONE = text(
    """
    SELECT EXISTS (
        SELECT FROM knowledge.pending_messages WHERE extraction_id = :extraction_id AND state = 'done'
    )
    """
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that an extraction has now; `trace` is the `traceparent` of its own chain."""

    message_id: int
    trace: str | None


async def claim(
    tx: Transaction, extraction_id: UUID, message_ids: Sequence[int], *, states: Sequence[str] = ("waiting",)
) -> list[Claimed]:
    """Claim messages for an extraction: those in one of these states that nobody is changing just now."""
    given = {"extraction_id": extraction_id, "ids": list(message_ids), "states": list(states)}
    return [Claimed(row.message_id, row.trace) for row in await tx.execute(_CLAIM, given)]


async def let_go(  # noqa: PLR0913 - who, which, why and what then
    tx: Transaction,
    extraction_id: UUID,
    message_ids: Sequence[int] | None = None,
    *,
    failed: bool,
    most_failures: int,
    reason: str | None = None,
) -> None:
    """Let what an extraction has claimed wait again, or set it aside when it failed too often.

    What was extracted with its present text before is done as it was.

    Args:
        tx: The transaction.
        extraction_id: Who has claimed them.
        message_ids: Only these; None for all.
        failed: Whether it counts as a failure of the messages.
        most_failures: As many set a message aside.
        reason: What failed, for a person.
    """
    given = {
        "extraction_id": extraction_id,
        "ids": list(message_ids or ()),
        "all": message_ids is None,
        "failed": int(failed),
        "most_failures": most_failures,
        "reason": reason,
    }
    await tx.execute(_LET_GO, given)


async def set_aside(tx: Transaction, extraction_id: UUID, message_ids: Sequence[int], reason: str) -> None:
    """Set claimed messages aside at once."""
    await tx.execute(_DROP, {"extraction_id": extraction_id, "ids": list(message_ids), "reason": reason})


async def mark_done(tx: Transaction, extraction_id: UUID, hashes: dict[int, str]) -> None:
    """Say that messages were extracted, each with the text of this hash."""
    await tx.execute(
        _DONE,
        {"extraction_id": extraction_id, "ids": list(hashes), "hashes": list(hashes.values())},
    )


async def has_done(tx: Transaction, extraction_id: UUID) -> bool:
    """Whether an extraction has done any of its messages."""
    return bool((await tx.execute(_HAS_DONE, {"extraction_id": extraction_id})).scalar_one())


async def release_orphans(tx: Transaction) -> int:
    """Let go what is held in the name of extractions that have ended; returns how many messages."""
    return (await tx.execute(_ORPHANS)).rowcount
