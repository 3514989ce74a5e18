"""Locks on questions: one holder at a time, on one connection, whoever is cancelled."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from shared.database.engine import engine
from shared.llm.locks import LockedError, Locks, locks
from shared.messaging.transaction import transaction
from tests.fakes.llm import Hangs
from tests.integration.llm.stage import Stage, judge


def connections_in_use() -> int:
    pool = engine().pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def locks_held() -> int:
    counted = text(
        """
        SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND granted AND datname = current_database()
        """
    )
    async with transaction() as tx:
        return int((await tx.execute(counted)).scalar_one())


@pytest.mark.parametrize("same_process", [True, False])
def test_lock_has_one_holder_at_a_time(stage: Stage, same_process: bool) -> None:  # noqa: FBT001
    async def scenario() -> list[str]:
        told: list[str] = []
        one, other = Locks(), Locks()

        async def hold(mine: Locks, name: str) -> None:
            async with mine.hold(-5, wait=20):
                told.append(f"{name} begins")
                await asyncio.sleep(0.01)
                told.append(f"{name} ends")

        await asyncio.gather(
            *(hold(one if same_process or number % 2 else other, "x") for number in range(6))
        )
        return told

    assert stage.run(scenario) == ["x begins", "x ends"] * 6


def test_waiting_is_bounded(stage: Stage) -> None:
    async def scenario() -> int:
        async with locks().hold(1, wait=5):
            for waiting in (locks(), Locks()):
                with pytest.raises(LockedError):
                    async with waiting.hold(1, wait=0.1):
                        raise AssertionError
            async with locks().hold(2, wait=5):
                return await locks_held()

    assert stage.run(scenario) == 2


def test_many_questions_that_wait_for_a_model_hold_one_connection(stage: Stage) -> None:
    stage.llm.chat.always(Hangs())

    async def scenario() -> tuple[int, int]:
        chat = stage.session(provider=stage.provider(max_concurrency=50)).chat
        crowd = [asyncio.create_task(chat.ask(judge(str(number)))) for number in range(30)]
        await asyncio.to_thread(stage.llm.chat.wait_for, 30)
        during = connections_in_use()
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        assert await locks_held() == 0
        return during, connections_in_use()

    assert stage.run(scenario) == (1, 0)


def test_cancelled_waiters_leave_no_lock_behind(stage: Stage) -> None:
    async def scenario() -> tuple[int, int]:
        async def take(lock: int) -> None:
            async with locks().hold(lock, wait=20):
                await asyncio.sleep(0.001)

        for _ in range(20):
            crowd = [asyncio.create_task(take(number % 3)) for number in range(12)]
            await asyncio.sleep(0.002)
            for task in crowd[::2]:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        return await locks_held(), connections_in_use()

    assert stage.run(scenario) == (0, 0)


def test_caller_that_is_cancelled_twice_ends_when_its_lock_is_free(stage: Stage) -> None:
    async def hold(begun: asyncio.Event) -> None:
        async with locks().hold(3, wait=5):
            begun.set()
            await asyncio.sleep(60)

    async def scenario() -> tuple[int, int]:
        begun = asyncio.Event()
        holding = asyncio.create_task(hold(begun))
        await begun.wait()
        while not holding.done():
            holding.cancel()
            await asyncio.sleep(0)
        return connections_in_use(), await locks_held()

    assert stage.run(scenario) == (0, 0)


def test_lost_connection_is_replaced(stage: Stage) -> None:
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = current_user AND datname = current_database() AND pid <> :own"
    )

    async def scenario() -> int:
        async with locks().hold(1, wait=5), transaction() as tx:
            own = await tx.connection.scalar(text("SELECT pg_backend_pid()"))
            await tx.execute(text(others), {"own": own})
        async with locks().hold(1, wait=5):
            return await locks_held()

    assert stage.run(scenario) == 1
