"""The SQL of a piece of work, transaction by transaction, to be executed again without what is around it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True)
class Statement:
    """A statement as the driver had it.

    Attributes:
        parameters: Of its only execution, or for `many` of each.
    """

    text: str
    parameters: Sequence[Any]
    many: bool


@dataclass
class Recorded:
    """Transactions that were committed, in that order."""

    transactions: list[list[Statement]] = field(default_factory=list)

    def with_statement(self, beginning: str) -> list[list[Statement]]:
        """Those in which some statement begins so."""
        return [
            statements
            for statements in self.transactions
            if any(each.text.lstrip().startswith(beginning) for each in statements)
        ]


@contextmanager
def recording(engine: AsyncEngine, *, wanted: bool) -> Iterator[Recorded]:
    """Record what an engine executes and commits; nothing when it is not wanted."""
    recorded = Recorded()
    running: dict[Any, list[Statement]] = {}

    def begin(connection: Any) -> None:
        running[connection] = []

    def execute(  # noqa: PLR0913, PLR0917 - as SQLAlchemy calls it
        connection: Any,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,  # noqa: FBT001
    ) -> None:
        del cursor, context
        if connection in running:
            running[connection].append(Statement(statement, parameters, executemany))

    def commit(connection: Any) -> None:
        statements = running.pop(connection, [])
        if statements:
            recorded.transactions.append(statements)

    def roll_back(connection: Any) -> None:
        running.pop(connection, None)

    listeners: dict[str, Callable[..., Any]] = {
        "begin": begin,
        "before_cursor_execute": execute,
        "commit": commit,
        "rollback": roll_back,
    }
    for name, listener in listeners.items() if wanted else ():
        event.listen(engine.sync_engine, name, listener)
    try:
        yield recorded
    finally:
        for name, listener in listeners.items() if wanted else ():
            event.remove(engine.sync_engine, name, listener)


async def replay(connection: Any, transactions: Sequence[Sequence[Statement]]) -> float:
    """Execute transactions again, one after the other; returns how many seconds it took.

    Args:
        connection: Of asyncpg.
        transactions: As they were recorded.
    """
    began = time.perf_counter()
    for statements in transactions:
        async with connection.transaction():
            for each in statements:
                if each.many:
                    await connection.executemany(each.text, each.parameters)
                else:
                    await connection.fetch(each.text, *each.parameters)
    return time.perf_counter() - began
