"""Messages on their way to an extraction: taken in, counted, found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.knowledge.conversations import Mark
from shared.contracts.extraction import ConsideredMessage
from shared.messaging.transaction import Transaction

_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_MOST_CANDIDATES = 500
_MOST_AROUND = 5000

_CONSIDER = text(
    """
    INSERT INTO knowledge.pending_messages AS held (message_id, chat_id, thread_id, author_id, sent_at,
        written_at, content_hash, message_class, trace, state)
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:chat_ids AS bigint[]), CAST(:thread_ids AS bigint[]),
        CAST(:author_ids AS bigint[]), CAST(:sent_at AS timestamptz[]), CAST(:written_at AS timestamptz[]),
        CAST(:hashes AS text[]), CAST(:classes AS text[]), CAST(:traces AS text[]), CAST(:states AS text[])
    )
    ORDER BY 1
    ON CONFLICT (message_id) DO UPDATE SET
        chat_id = excluded.chat_id, thread_id = excluded.thread_id, author_id = excluded.author_id,
        sent_at = excluded.sent_at, written_at = excluded.written_at, content_hash = excluded.content_hash,
        message_class = excluded.message_class, trace = coalesce(excluded.trace, held.trace),
        state = CASE
            WHEN held.state = 'claimed' AND excluded.state <> 'ignored' THEN 'claimed'
            WHEN excluded.content_hash = held.extracted_hash THEN 'done'
            WHEN excluded.state = 'ignored' THEN 'ignored'
            WHEN held.state = 'set_aside' AND held.content_hash = excluded.content_hash THEN 'set_aside'
            ELSE 'waiting'
        END,
        extraction_id = CASE
            WHEN (held.state = 'claimed' AND excluded.state <> 'ignored') OR
                (held.state <> 'claimed' AND excluded.content_hash = held.extracted_hash)
            THEN held.extraction_id
        END,
        failures = CASE WHEN held.content_hash = excluded.content_hash THEN held.failures ELSE 0 END,
        reason = CASE WHEN held.content_hash = excluded.content_hash THEN held.reason END,
        arrived_at = CASE WHEN held.content_hash = excluded.content_hash THEN held.arrived_at ELSE now() END
    WHERE held.written_at <= excluded.written_at
    """
)
_CITED_DIFFERENTLY = text(
    """
    SELECT DISTINCT source.message_id FROM knowledge.atom_sources source
    JOIN knowledge.pending_messages held ON held.message_id = source.message_id
    WHERE source.message_id = ANY(:ids) AND (source.stale OR source.content_hash <> held.content_hash)
    """
).bindparams(_IDS)
_WAITING = text(
    """
    SELECT count(*) AS waiting, max(arrived_at) AS last_arrived_at FROM (
        SELECT arrived_at FROM knowledge.pending_messages
        WHERE state = 'waiting' AND sent_at > :since LIMIT :most
    ) AS counted
    """
)
_STATES = text(
    "SELECT message_id, state FROM knowledge.pending_messages WHERE message_id = ANY(:ids)"
).bindparams(_IDS)
_CANDIDATES = text(
    """
    WITH waiting AS (
        SELECT message_id, chat_id, thread_id, sent_at FROM knowledge.pending_messages
        WHERE state = 'waiting' AND sent_at > :since ORDER BY sent_at, message_id LIMIT :most
    ), chats AS (
        SELECT chat_id, min(sent_at) AS first_at, max(sent_at) AS last_at FROM waiting GROUP BY chat_id
    ), around AS (
        SELECT held.message_id, held.chat_id, held.thread_id, held.sent_at
        FROM knowledge.pending_messages held JOIN chats USING (chat_id)
        WHERE held.state <> 'waiting'
            AND held.sent_at BETWEEN chats.first_at AND chats.last_at + CAST(:silence AS interval)
        LIMIT :most_around
    )
    SELECT *, true AS waits FROM waiting UNION ALL SELECT *, false FROM around
    """
)


async def consider_messages(tx: Transaction, messages: Sequence[ConsideredMessage]) -> list[int]:
    """Take messages in, each as it is now; what is known of a later text stays.

    Args:
        tx: The transaction.
        messages: Each id once, in id order, so that two who take in the same do not wait for each other.

    Returns:
        Ids of those that atoms quote from another text, or quoted in vain so far.
    """
    ids = [message.id for message in messages]
    given: dict[str, Any] = {
        "ids": ids,
        "chat_ids": [message.chat_id for message in messages],
        "thread_ids": [message.thread_id for message in messages],
        "author_ids": [message.author_id for message in messages],
        "sent_at": [message.sent_at for message in messages],
        "written_at": [message.written_at for message in messages],
        "hashes": [message.content_hash for message in messages],
        "classes": [message.message_class for message in messages],
        "traces": [message.trace for message in messages],
        "states": ["waiting" if is_worth_extracting(message) else "ignored" for message in messages],
    }
    await tx.execute(_CONSIDER, given)
    return sorted((await tx.execute(_CITED_DIFFERENTLY, {"ids": ids})).scalars())


def is_worth_extracting(message: ConsideredMessage) -> bool:
    """Whether knowledge may be taken from a message: noise is never sent to a model."""
    return message.has_text and message.message_class != "noise"


async def count_waiting(tx: Transaction, since: datetime, most: int) -> tuple[int, datetime | None]:
    """How many messages sent after a time wait, counted up to `most`, and when the last of them arrived."""
    row = (await tx.execute(_WAITING, {"since": since, "most": most})).one()
    return row.waiting, row.last_arrived_at


async def candidates(tx: Transaction, since: datetime, silence: timedelta) -> list[Mark]:
    """The messages that wait longest, and what else was said around them."""
    given = {"since": since, "silence": silence, "most": _MOST_CANDIDATES, "most_around": _MOST_AROUND}
    rows = await tx.execute(_CANDIDATES, given)
    return [Mark(row.message_id, row.chat_id, row.thread_id, row.sent_at, row.waits) for row in rows]


async def states_of(tx: Transaction, message_ids: Sequence[int]) -> dict[int, str]:
    """The states of messages that were considered, by id."""
    rows = await tx.execute(_STATES, {"ids": list(message_ids)})
    return {row.message_id: row.state for row in rows}
