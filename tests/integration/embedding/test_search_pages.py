"""Pages of a search: one ranking from the first page to the last, whatever happens in between."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from services.embedding import embedders
from services.embedding.actors import index_messages_task
from services.embedding.pages import SearchCursor
from services.embedding.queries import find_by_meaning_and_words, start_reindex
from shared.contracts.embedding import Search, SearchPage, StartReindex
from shared.contracts.errors import QueryError
from shared.database.cursors import read_cursor, write_cursor
from shared.llm.loops import LoopLocal
from shared.llm.remembering import VectorMemory
from shared.messaging.transaction import transaction
from tests.fakes.llm import Fails
from tests.integration.embedding.searches import crowd, find, found, ready
from tests.integration.embedding.world import World, message, scored, spaces, work_off


def test_pages_have_no_gap_and_no_repetition_while_messages_come_in(world: World) -> None:
    crowd(world, 400)

    async def scenario() -> tuple[list[int], list[float], list[int]]:
        await ready()
        whole = [hit.id for hit in (await find("реліз у четвер", kinds=["message"], limit=100)).items]
        seen, scores, cursor = [], [], None
        while True:
            page = await find("реліз у четвер", kinds=["message"], limit=30, cursor=cursor)
            seen += [hit.id for hit in page.items]
            scores += [hit.score for hit in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return seen, scores, whole
            new = scored(message(5000 + len(seen), f"Реліз у четвер, частина {len(seen)} знову"))
            world.know(new)
            await embed(new)

    seen, scores, whole = world.run(scenario)
    assert len(seen) == len(set(seen)) == 200
    assert seen[:30] == whole[:30]
    assert [number for number in seen if number < 5000][:90] == whole[:90]
    assert scores == sorted(scores, reverse=True)


async def embed(*given: Any) -> None:
    await index_messages_task(message_ids=[each.message.id for each in given], messages=list(given))
    await work_off()


def test_search_goes_on_in_its_space_when_another_takes_over(world: World) -> None:
    crowd(world, 100)

    async def scenario() -> tuple[SearchPage, SearchPage, list[int], str]:
        await ready()
        first = await find("реліз у четвер", kinds=["message"], limit=20)
        whole = [hit.id for hit in (await find("реліз у четвер", kinds=["message"], limit=40)).items]
        await start_reindex(StartReindex(run_id=uuid4()))
        await work_off()
        second = await find("реліз у четвер", kinds=["message"], limit=20, cursor=first.next_cursor)
        async with transaction() as tx:
            await tx.execute(text("DELETE FROM vector_spaces WHERE status = 'retired'"))
        with pytest.raises(QueryError) as caught:
            await find("реліз у четвер", kinds=["message"], limit=20, cursor=second.next_cursor)
        assert [space.status for space in await spaces()] == ["active"]
        return first, second, whole, str(caught.value)

    first, second, whole, refusal = world.run(scenario)
    assert (first.space_id, second.space_id) == (1, 1)
    assert [hit.id for hit in first.items + second.items] == whole
    assert "begin again" in refusal


def test_pages_of_a_search_by_words_alone_go_on_by_words_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(world, 60)
    monkeypatch.setattr(embedders, "_RESTS", 0.0)

    async def scenario() -> tuple[SearchPage, SearchPage, list[tuple[str, int]]]:
        await ready()
        world.llm.embeddings.always(Fails(503))
        whole = found(await find("реліз", kinds=["message"], limit=40))
        first = await find("реліз", kinds=["message"], limit=20)
        world.llm.embeddings.always(None)
        return first, await find("реліз", kinds=["message"], limit=20, cursor=first.next_cursor), whole

    first, second, whole = world.run(scenario)
    assert found(first) + found(second) == whole
    assert second.space_id is None
    assert second.degraded == "Found by words alone, as on the first page."


def test_search_by_meaning_that_cannot_go_on_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(world, 60)

    async def scenario() -> tuple[SearchPage, str, list[tuple[str, int]], list[tuple[str, int]]]:
        await ready()
        whole = found(await find("реліз", kinds=["message"], limit=40))
        first = await find("реліз", kinds=["message"], limit=20)
        monkeypatch.setattr(embedders, "_memory", LoopLocal(lambda: VectorMemory(1)))
        world.llm.embeddings.always(Fails(503))
        with pytest.raises(QueryError) as caught:
            await find("реліз", kinds=["message"], limit=20, cursor=first.next_cursor)
        world.llm.embeddings.always(None)
        embedders._resting.get().clear()
        second = await find("реліз", kinds=["message"], limit=20, cursor=first.next_cursor)
        return first, caught.value.code, found(second), whole

    first, code, second, whole = world.run(scenario)
    assert code == "unavailable"
    assert found(first) + second == whole


@pytest.mark.parametrize("changed", [{"query": "каса"}, {"chat_ids": [1]}])
def test_cursor_of_another_search_is_refused(world: World, changed: dict[str, Any]) -> None:
    crowd(world, 60)

    async def scenario() -> str:
        await ready()
        page = await find("реліз", kinds=["message"], limit=5)
        fields = {"query": "реліз", "kinds": ["message"], "cursor": page.next_cursor} | changed
        with pytest.raises(QueryError) as caught:
            await find_by_meaning_and_words(Search(**fields))
        return caught.value.body.field or ""

    assert world.run(scenario) == "cursor"


@pytest.mark.parametrize(
    "forged",
    [
        lambda cursor: replace(cursor, space_id=2**70),
        lambda cursor: replace(cursor, space_id=77),
        lambda cursor: replace(cursor, standards=replace(cursor.standards, words_deviation=0.0)),
    ],
)
def test_cursor_that_nobody_gave_is_refused(
    world: World, forged: Callable[[SearchCursor], SearchCursor]
) -> None:
    crowd(world, 60)

    async def scenario() -> str:
        await ready()
        page = await find("реліз", kinds=["message"], limit=5)
        cursor = read_cursor(page.next_cursor, SearchCursor)
        assert cursor is not None
        with pytest.raises(QueryError) as caught:
            await find("реліз", kinds=["message"], limit=5, cursor=write_cursor(forged(cursor)))
        return caught.value.body.field or ""

    assert world.run(scenario) == "cursor"
