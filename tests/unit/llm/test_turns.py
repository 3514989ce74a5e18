"""A worker's turn: what it keeps of what was spent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from shared.llm import AgentSession, Question, Reply, Usage, turns
from shared.llm.turns import Patience, Turn
from shared.messaging.transaction import Transaction

ANSWER = 7


class Chat:
    """Answers at once; each answer costs a dollar."""

    def __init__(self) -> None:
        self.spent = Usage()

    async def ask(self, question: Question[Any]) -> Reply[Any]:
        self.spent = Usage(cost=self.spent.cost + 1)
        return Reply(cast("Any", question), Usage(cost=1.0), "model", "prompt")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        yield None

    monkeypatch.setattr(turns, "transaction", transaction)


def test_of_answers_that_come_together_the_last_sum_stays() -> None:
    kept: list[tuple[int, float]] = []

    async def update_mine(tx: Transaction, id_: UUID, runner: UUID, **columns: Any) -> bool:
        del tx, id_, runner
        if columns:
            # The first to be written takes the longest.
            await asyncio.sleep(0.02 / columns["calls"])
            kept.append((columns["calls"], columns["cost"]))
        return True

    async def scenario() -> None:
        session = cast("AgentSession", SimpleNamespace(chat=Chat()))
        turn = Turn(uuid4(), uuid4(), session, update_mine, Patience(1, 0.0, 60.0), calls=0, cached_calls=0)
        question = cast("Question[Any]", ANSWER)
        await asyncio.gather(*(turn.put(question) for _ in range(5)))

    asyncio.run(scenario())
    assert [calls for calls, _ in kept] == [1, 2, 3, 4, 5]
    assert kept[-1] == (5, 5.0)
