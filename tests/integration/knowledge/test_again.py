"""Two changes that wait for each other: the database makes one give way, and it begins again."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.knowledge.again import again_after_deadlock
from shared.messaging.transaction import transaction
from tests.integration.knowledge.conftest import Run

LOCK = text("SELECT pg_advisory_xact_lock(:number)")


def test_the_change_that_gives_way_begins_again_and_both_are_made(review: Run) -> None:
    tries: list[int] = []
    both_hold_one = asyncio.Barrier(2)

    @again_after_deadlock
    async def take_both(first: int) -> int:
        tries.append(first)
        async with transaction() as tx:
            await tx.execute(LOCK, {"number": first})
            if len(tries) <= 2:
                await both_hold_one.wait()
            await tx.execute(LOCK, {"number": 3 - first})
            return first

    async def scenario() -> Any:
        return await asyncio.gather(take_both(1), take_both(2))

    assert review(scenario) == [1, 2]
    assert len(tries) == 3


def test_what_gives_way_again_and_again_is_an_error_in_the_end(review: Run) -> None:
    tries = 0

    @again_after_deadlock
    async def give_way(_query: None) -> None:
        nonlocal tries
        tries += 1
        async with transaction() as tx:
            await tx.connection.exec_driver_sql("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    async def scenario() -> None:
        with pytest.raises(DBAPIError):
            await give_way(None)

    review(scenario)
    assert tries == 3


def test_any_other_error_is_one_at_once(review: Run) -> None:
    tries = 0

    @again_after_deadlock
    async def fail(_query: None) -> None:
        nonlocal tries
        tries += 1
        async with transaction() as tx:
            await tx.connection.exec_driver_sql("SELECT 1 / 0")

    async def scenario() -> None:
        with pytest.raises(DBAPIError):
            await fail(None)

    review(scenario)
    assert tries == 1
