"""Group commit: what waits together is committed together, and fails alone."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.contracts.scoring import MessageScored, ScoredMessage
from shared.database.engine import engine
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction
from shared.telemetry import start_run
from tests.conftest import Database
from tests.integration.bound import bound


async def spoken() -> list[tuple[int, str]]:
    """Whose score was published, within which run, in the order of the outbox."""
    async with engine().connect() as connection:
        rows = await connection.execute(
            text("SELECT convert_from(payload, 'UTF8')::jsonb, headers FROM outbox ORDER BY id")
        )
        return [(row[0]["score"]["message_id"], row[1]["baggage"].partition("run_id=")[2]) for row in rows]


def event(number: int) -> MessageScored:
    return MessageScored(score=ScoredMessage(message_id=number, importance_score=0.5, message_class="noise"))


def test_what_waits_is_one_transaction_and_a_bad_piece_fails_alone(
    database: Database, nats_url: str, namespace: str
) -> None:
    sizes: list[int] = []
    runs = {number: uuid4() for number in range(10)}

    async def work(tx: Transaction, pieces: Sequence[Piece[int]]) -> None:
        sizes.append(len(pieces))
        for piece in pieces:
            piece.within(tx.publish, event(piece.item))
            if piece.item == 7:
                raise ValueError("seven")

    async def scenario() -> tuple[list[BaseException | None], list[tuple[int, str]]]:
        together = Together(work)

        async def do(number: int) -> None:
            with start_run("test", runs[number]):
                await together.do(number)

        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            outcomes = await asyncio.gather(*(do(number) for number in range(10)), return_exceptions=True)
            return outcomes, await spoken()

    outcomes, said = asyncio.run(scenario())
    assert [str(outcome) for outcome in outcomes if outcome] == ["seven"]
    assert said == [(number, str(run)) for number, run in runs.items() if number != 7]
    assert sizes == [10] + [1] * 10


def test_shared_transaction_is_bounded(database: Database, nats_url: str, namespace: str) -> None:
    sizes: list[int] = []

    async def work(_tx: Transaction, pieces: Sequence[Piece[int]]) -> None:
        sizes.append(len(pieces))

    async def scenario() -> None:
        together = Together(work, most=4)
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            await asyncio.gather(*(together.do(number) for number in range(10)))

    asyncio.run(scenario())
    assert sizes == [4, 4, 2]


def test_piece_that_is_given_up_holds_up_no_other(database: Database, nats_url: str, namespace: str) -> None:
    begun = asyncio.Event()

    async def work(_tx: Transaction, _pieces: Sequence[Piece[str]]) -> None:
        begun.set()
        await asyncio.sleep(0)

    async def scenario() -> None:
        together = Together(work)
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            given_up = asyncio.create_task(together.do("given up"))
            await begun.wait()
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            await asyncio.wait_for(together.do("next"), 5)

    asyncio.run(scenario())


def test_piece_that_is_given_up_while_it_waits_is_not_done(
    database: Database, nats_url: str, namespace: str
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def work(_tx: Transaction, pieces: Sequence[Piece[str]]) -> None:
        begun.set()
        await go_on.wait()
        done.extend(piece.item for piece in pieces)

    async def scenario() -> None:
        together = Together(work)
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            first = asyncio.create_task(together.do("first"))
            await begun.wait()
            waiting = [asyncio.create_task(together.do(item)) for item in ("given up", "last")]
            await asyncio.sleep(0)
            waiting[0].cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting[0]
            go_on.set()
            await asyncio.gather(first, waiting[1])

    asyncio.run(scenario())
    assert done == ["first", "last"]
