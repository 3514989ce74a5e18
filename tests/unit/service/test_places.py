"""Places for long work: some of it runs, as much waits, the rest goes back into the queue."""

import asyncio

import pytest

from shared.service import NotNow
from shared.service.places import Places


def test_two_kinds_of_work_have_places_of_their_own() -> None:
    async def scenario() -> None:
        one, other = Places("extractions", lambda: 1), Places("runs", lambda: 1)
        async with one.place(), other.place():
            waiting = asyncio.create_task(hold(one))
            await asyncio.sleep(0)
            with pytest.raises(NotNow, match="All places for extractions are taken"):
                await hold(one)
        await waiting
        await hold(one)

    asyncio.run(scenario())


def test_each_event_loop_has_places_of_its_own() -> None:
    places = Places("runs", lambda: 1)
    for _ in range(2):
        asyncio.run(hold(places))


async def hold(places: Places) -> None:
    async with places.place():
        pass
