"""How much there is, and what waits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from shared.contracts.extraction import PendingChat, SetAsideMessage
from shared.messaging.transaction import Transaction

_SHOWN_CHATS = 50
_SHOWN_SET_ASIDE = 20

_COUNTS = text(
    """
    WITH atoms AS (
        SELECT status, type, count(*) AS number FROM knowledge.atoms
        WHERE merged_into IS NULL GROUP BY status, type
    )
    SELECT 'topics' AS what, status AS kind, count(*) AS number FROM knowledge.topics
        WHERE merged_into IS NULL GROUP BY status
    UNION ALL SELECT 'atoms', status, CAST(sum(number) AS bigint) FROM atoms GROUP BY status
    UNION ALL SELECT 'atom_types', type, CAST(sum(number) AS bigint) FROM atoms
        WHERE status <> 'rejected' GROUP BY type
    UNION ALL SELECT 'links', '', count(*) FROM knowledge.atom_links
    UNION ALL SELECT 'drafts', 'topic', count(*) FROM knowledge.topic_versions WHERE status = 'draft'
    UNION ALL SELECT 'drafts', 'atom', count(*) FROM knowledge.atom_versions WHERE status = 'draft'
    UNION ALL SELECT 'claimed', '', count(*) FROM knowledge.pending_messages WHERE state = 'claimed'
    UNION ALL SELECT 'set_aside', '', count(*) FROM knowledge.pending_messages WHERE state = 'set_aside'
    """
)
_WAITING_CHATS = text(
    """
    SELECT chat_id, count(*) AS waiting, min(sent_at) AS oldest_at FROM knowledge.pending_messages
    WHERE state = 'waiting' AND sent_at > :since
    GROUP BY chat_id ORDER BY waiting DESC, chat_id
    """
)
_SET_ASIDE = text(
    """
    SELECT message_id, chat_id, failures, coalesce(reason, '') AS reason FROM knowledge.pending_messages
    WHERE state = 'set_aside' ORDER BY message_id DESC LIMIT :most
    """
)


async def counts(tx: Transaction) -> Mapping[str, Mapping[str, int]]:
    """Counts by what is counted, and by status or type."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.execute(_COUNTS):
        found.setdefault(row.what, {})[row.kind] = row.number
    return found


async def waiting_chats(tx: Transaction, since: datetime) -> tuple[int, list[PendingChat]]:
    """How many messages sent after a time wait, and the chats where most do."""
    chats = [
        PendingChat(chat_id=row.chat_id, waiting=row.waiting, oldest_at=row.oldest_at)
        for row in await tx.execute(_WAITING_CHATS, {"since": since})
    ]
    return sum(chat.waiting for chat in chats), chats[:_SHOWN_CHATS]


async def set_aside_messages(tx: Transaction) -> list[SetAsideMessage]:
    """The latest messages that were set aside, and why."""
    return [_set_aside(row) for row in await tx.execute(_SET_ASIDE, {"most": _SHOWN_SET_ASIDE})]


def _set_aside(row: Any) -> SetAsideMessage:
    return SetAsideMessage(
        message_id=row.message_id, chat_id=row.chat_id, failures=row.failures, reason=row.reason
    )
