"""The answer cache: the same question to the same model is paid once.

The answers lie in the asking service's own schema, so that one is kept together with the record of what it
cost. Of two who ask the same at the same moment the second finds the first one's answer.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from loguru import logger
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from shared.database.engine import engine
from shared.llm.binding import bound_llm
from shared.llm.errors import ProviderUnavailableError
from shared.llm.locks import LockedError, locks
from shared.llm.usage import Usage
from shared.messaging.transaction import Transaction, transaction

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

_USE = text("UPDATE llm_answers SET used_at = now() WHERE key = :key RETURNING answer")
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
_PAUSES = (0.05, 0.2, 1.0, 3.0, 6.0)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is kept.

    Attributes:
        answer: JSON of the Struct that it was read into.
        usage: What it took when it was paid.
    """

    task: str
    model: str
    answer: str
    usage: Usage


def answer_key(**parts: Any) -> bytes:
    """Names a question by everything that its answer depends on, in 32 bytes (SHA-256)."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()


@asynccontextmanager
async def asking(key: bytes) -> AsyncIterator[None]:
    """Be the only one in the fleet who asks a question; waits for another one who does.

    Raises:
        ProviderUnavailableError: When the other one took too long.
    """
    lock = int.from_bytes(key[:8], signed=True)
    try:
        async with locks().hold(lock, wait=bound_llm().patience.total):
            yield
    except LockedError:
        raise ProviderUnavailableError(
            "The same question is being asked by somebody else, who had no answer in time."
        ) from None


async def use_answer(tx: Transaction, key: bytes) -> str | None:
    """The answer that is kept, now used once more; None when there is none."""
    found: str | None = await tx.connection.scalar(_USE, {"key": key})
    return found


async def keep_answer(tx: Transaction, key: bytes, kept: KeptAnswer) -> None:
    """Keep an answer, in the transaction in which its call is recorded too."""
    await tx.execute(
        _KEEP,
        {
            "key": key,
            "task": kept.task,
            "model": kept.model,
            "answer": kept.answer,
            "input_tokens": kept.usage.input_tokens,
            "output_tokens": kept.usage.output_tokens,
            "cost": kept.usage.cost,
        },
    )


async def commit_paid(work: Callable[[Transaction], Awaitable[None]]) -> None:
    """Do work in a transaction, and again while the database restarts: what was paid is not to be lost.

    Raises:
        SQLAlchemyError: When it still fails after some ten seconds, or is wrong in itself.
    """
    for pause in (*_PAUSES, None):
        try:
            async with transaction() as tx:
                await work(tx)
        except (ProgrammingError, IntegrityError, DataError):
            raise
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if pause is None:
                raise
            logger.warning("a paid answer cannot be kept now, trying again in {:g} s: {!r}", pause, error)
            await asyncio.sleep(pause)
        else:
            return


async def purge_answers(unused_for: timedelta) -> int:
    """Delete answers that were not used for so long, oldest first, in batches; returns how many."""
    before, deleted = datetime.now(UTC) - unused_for, 0
    while True:
        async with engine().begin() as connection:
            result = await connection.execute(_PURGE, {"before": before, "most": _PURGE_AT_ONCE})
        deleted += result.rowcount
        if result.rowcount < _PURGE_AT_ONCE:
            return deleted
