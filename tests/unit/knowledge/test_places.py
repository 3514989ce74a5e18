"""Places for extractions: some work, as many wait, the rest goes back into the queue."""

import asyncio

from services.knowledge.places import place
from services.knowledge.settings import KnowledgeSettings
from shared.service import NotNow

AT_ONCE = KnowledgeSettings().extractions_at_once


def test_more_than_work_and_wait_go_back_into_the_queue() -> None:
    async def scenario() -> tuple[int, int, int]:
        done = asyncio.Event()
        working = most_working = 0

        async def extraction() -> None:
            nonlocal working, most_working
            async with place():
                working += 1
                most_working = max(most_working, working)
                await done.wait()
                working -= 1

        tasks = [asyncio.create_task(extraction()) for _ in range(3 * AT_ONCE)]
        refused = 0
        while refused < AT_ONCE:
            finished, _ = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            refused = sum(isinstance(task.exception(), NotNow) for task in finished)
        done.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        return refused, sum(outcome is None for outcome in outcomes), most_working

    assert asyncio.run(scenario()) == (AT_ONCE, 2 * AT_ONCE, AT_ONCE)


def test_place_of_one_that_was_cancelled_is_free_again() -> None:
    async def scenario() -> None:
        async def extraction() -> None:
            async with place():
                await asyncio.Event().wait()

        for _ in range(3):
            tasks = [asyncio.create_task(extraction()) for _ in range(2 * AT_ONCE)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with place():
            pass

    asyncio.run(scenario())
