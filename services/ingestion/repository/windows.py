"""What was said in a window of time, in the order sent."""

from typing import Any

from sqlalchemy import text

from services.ingestion.repository.reading import TEXT_COLUMNS, text_of
from shared.contracts.ingestion import ListWindow, MeasureWindow, MessageText, WindowSize
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction

_WITHIN = """
    has_text AND sent_at >= :since AND sent_at < :until
    AND (
        CAST(:chat_ids AS bigint[]) = '{}'
        OR message.chat_id IN (
            SELECT same.id FROM ingestion.chats same
            JOIN ingestion.chats asked ON coalesce(asked.migrated_to_id, asked.id)
                = coalesce(same.migrated_to_id, same.id)
            WHERE asked.id = ANY(CAST(:chat_ids AS bigint[]))
        )
    )
"""
_LIST = text(
    f"""
    {TEXT_COLUMNS}
    WHERE {_WITHIN} AND (sent_at, message.id) > (:after_at, :after_id)
    ORDER BY sent_at, message.id LIMIT :limit
    """
)
_MEASURE = text(
    f"""
    WITH said AS (
        SELECT message.chat_id, count(*) AS messages, sum(octet_length(text)) AS bytes
        FROM ingestion.messages message WHERE {_WITHIN} GROUP BY message.chat_id
    )
    SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(bytes), 0)::bigint AS bytes,
        count(DISTINCT coalesce(chat.migrated_to_id, chat.id)) AS chats
    FROM said JOIN ingestion.chats chat ON chat.id = said.chat_id
    """  # noqa: S608 - our own constants
)


async def texts_within(tx: Transaction, query: ListWindow, after: TimeAndId | None) -> list[MessageText]:
    """The next texts of a window, oldest first; one more than the limit when there is a next page."""
    found = await tx.execute(
        _LIST,
        {
            **_window(query),
            "after_at": after.at if after else query.since,
            "after_id": after.id if after else 0,
            "limit": query.limit + 1,
        },
    )
    return [text_of(row) for row in found]


async def measure_window(tx: Transaction, query: MeasureWindow) -> WindowSize:
    """How much text was sent in a window."""
    row = (await tx.execute(_MEASURE, _window(query))).one()
    return WindowSize(messages=row.messages, bytes=row.bytes, chats=row.chats)


def _window(query: ListWindow | MeasureWindow) -> dict[str, Any]:
    return {"since": query.since, "until": query.until, "chat_ids": query.chat_ids}
