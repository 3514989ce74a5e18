"""The outbox: what a transaction wants said, kept in its schema until the relay has said it.

Rows are inserted in the transaction itself; nothing is said that was not committed, and nothing committed
is left unsaid (https://microservices.io/patterns/data/transactional-outbox.html).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_COUNTED = 100_000
"""A backlog is counted up to here: who counts all of a large one, again and again, makes it larger."""


class OutboxRow(msgspec.Struct, frozen=True):
    """One thing to say. `id` orders the rows of a schema and, with its name, deduplicates."""

    id: int
    subject: str
    payload: bytes
    headers: dict[str, str]


class NewRow(msgspec.Struct, frozen=True):
    """One thing to say, not kept yet."""

    subject: str
    payload: bytes
    headers: dict[str, str]


OUTBOX_DDL = (
    """
    CREATE TABLE {schema}.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subject text NOT NULL,
        payload bytea NOT NULL,
        headers jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX outbox_unsent ON {schema}.outbox (id) WHERE sent_at IS NULL",
    "CREATE INDEX outbox_sent ON {schema}.outbox (sent_at) WHERE sent_at IS NOT NULL",
)
"""The statements that make the table, for a service's first migration; `{schema}` is to be filled in."""

_INSERT = text(
    """
    INSERT INTO outbox (subject, payload, headers)
    SELECT subject, payload, headers
    FROM unnest(:subjects, :payloads, :headers) WITH ORDINALITY AS new (subject, payload, headers, place)
    ORDER BY place
    """
).bindparams(
    bindparam("subjects", type_=ARRAY(Text)),
    bindparam("payloads", type_=ARRAY(BYTEA)),
    bindparam("headers", type_=ARRAY(JSONB)),
)
_UNSENT = text(
    "SELECT id, subject, payload, headers FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT :most"
)
_SENT = text("UPDATE outbox SET sent_at = now() WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(BigInteger))
)
_PURGE = text(
    """
    DELETE FROM outbox WHERE id IN
        (SELECT id FROM outbox WHERE sent_at < :before ORDER BY sent_at LIMIT :most)
    """
)
_BACKLOG = text(
    """
    SELECT count(*), min(created_at) FROM
        (SELECT created_at FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT :most) AS oldest
    """
)


async def keep(connection: AsyncConnection, rows: Sequence[NewRow]) -> None:
    """Insert rows in this order."""
    await connection.execute(
        _INSERT,
        {
            "subjects": [row.subject for row in rows],
            "payloads": [row.payload for row in rows],
            "headers": [row.headers for row in rows],
        },
    )


async def unsent(connection: AsyncConnection, most: int) -> list[OutboxRow]:
    """The oldest rows that were not sent yet, in id order."""
    found = await connection.execute(_UNSENT, {"most": most})
    return [OutboxRow(row.id, row.subject, row.payload, row.headers) for row in found]


async def mark_sent(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Say that the server has confirmed these rows."""
    await connection.execute(_SENT, {"ids": list(ids)})


async def purge(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete rows that were sent before a time, oldest first, and return how many."""
    result = await connection.execute(_PURGE, {"before": before, "most": most})
    return result.rowcount


async def backlog(connection: AsyncConnection) -> tuple[int, datetime | None]:
    """How many rows wait, `MOST_COUNTED` at the most, and since when the oldest does."""
    row = (await connection.execute(_BACKLOG, {"most": MOST_COUNTED})).one()
    return int(row[0]), row[1]
