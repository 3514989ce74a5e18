"""The answer cache: the same question to the same model is paid once.

The answers lie in the asking service's own schema, so that one is kept together with the record of what it
cost. Whoever asks holds an advisory lock on the question, so that of two who ask the same at the same moment
the second finds the first one's answer; the lock falls with its connection when its holder is killed.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.engine import engine
from shared.llm.errors import ProviderUnavailableError
from shared.messaging.transaction import Transaction, transaction, wake_relay

T = TypeVar("T")

ANSWERS_DDL = (
    """
    CREATE TABLE {schema}.llm_answers (
        key bytea PRIMARY KEY,
        task text NOT NULL,
        model text NOT NULL,
        answer text NOT NULL,
        input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cost double precision NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX llm_answers_by_use ON {schema}.llm_answers (used_at)",
)
"""The statements that make the table, for a service's migration; `{schema}` is to be filled in."""

_LOCK = text("SELECT pg_advisory_lock(:lock)")
_UNLOCK = text("SELECT pg_advisory_unlock(:lock)")
_USE = text("UPDATE llm_answers SET used_at = now() WHERE key = :key RETURNING model, answer")
_KEEP = text(
    """
    INSERT INTO llm_answers (key, task, model, answer, input_tokens, output_tokens, cost)
    VALUES (:key, :task, :model, :answer, :input_tokens, :output_tokens, :cost)
    ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, model = excluded.model, used_at = now()
    """
)
_PURGE = text(
    """
    DELETE FROM llm_answers WHERE key IN
        (SELECT key FROM llm_answers WHERE used_at < :before ORDER BY used_at LIMIT :most)
    """
)
_PURGE_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is kept: JSON, as the model gave it, once it was found to fit."""

    model: str
    answer: str


def answer_key(**parts: Any) -> bytes:
    """Names a question by everything that its answer depends on, in 32 bytes (SHA-256)."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()


class Asker:
    """Who asks one question, alone in the whole fleet for as long as it holds its lock."""

    def __init__(self, key: bytes, connection: AsyncConnection) -> None:
        self._key = key
        self._connection = connection

    async def find(self, tx: Transaction) -> KeptAnswer | None:
        """The answer that is kept, now used once more."""
        row = (await tx.execute(_USE, {"key": self._key})).one_or_none()
        return None if row is None else KeptAnswer(row.model, row.answer)

    async def keep(self, tx: Transaction, task: str, kept: KeptAnswer, **figures: float) -> None:
        """Keep an answer.

        Args:
            tx: The transaction in which its call is recorded too.
            task: What was asked.
            kept: The answer.
            figures: `input_tokens`, `output_tokens` and `cost` of what it took.
        """
        given = {"key": self._key, "task": task, "model": kept.model, "answer": kept.answer, **figures}
        await tx.execute(_KEEP, given)

    async def commit(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do work in one transaction: on the lock's own connection, or on another when that one is lost.

        So whoever holds a lock never waits for a second connection, and a restart of the database while a
        model was answering does not cost the answer. The work may be done twice, committed once.
        """
        try:
            async with self._connection.begin():
                tx = Transaction(self._connection)
                done = await work(tx)
                said = await tx.keep_outbox()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            async with transaction() as tx:
                return await work(tx)
        if said:
            await wake_relay()
        return done


@asynccontextmanager
async def asking(key: bytes) -> AsyncIterator[Asker]:
    """Be the only one who asks a question; waits for another one who does.

    Raises:
        ProviderUnavailableError: When the other one took too long.
    """
    lock = int.from_bytes(key[:8], signed=True)
    async with engine().connect() as connection:
        try:
            await connection.execute(_LOCK, {"lock": lock})
            await connection.commit()
        except TimeoutError:
            raise ProviderUnavailableError(
                "The same question is being asked by somebody else, who had no answer in time."
            ) from None
        try:
            yield Asker(key, connection)
        except BaseException:
            await connection.invalidate()  # the lock is its session's: it must not lie in the pool
            raise
        await _unlock(connection, lock)


async def _unlock(connection: AsyncConnection, lock: int) -> None:
    try:
        await connection.execute(_UNLOCK, {"lock": lock})
        await connection.commit()
    except (DBAPIError, OSError, TimeoutError):
        await connection.invalidate()


async def purge_answers(unused_for: timedelta) -> int:
    """Delete answers that were not used for so long, oldest first, in batches; returns how many."""
    before, deleted = datetime.now(UTC) - unused_for, 0
    while True:
        async with engine().begin() as connection:
            result = await connection.execute(_PURGE, {"before": before, "most": _PURGE_AT_ONCE})
        deleted += result.rowcount
        if result.rowcount < _PURGE_AT_ONCE:
            return deleted
