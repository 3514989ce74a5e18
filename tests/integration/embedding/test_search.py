"""Search: meaning and words, filters that leave out and never under-fill, pages, and words alone."""

import struct
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from services.embedding import embedders, searching
from services.embedding.actors import index_messages_task, review_vector_spaces_task
from services.embedding.pages import SearchCursor
from services.embedding.queries import (
    embed_texts,
    find_by_meaning_and_words,
    find_neighbours,
    start_reindex,
)
from services.embedding.repository import neighbours
from services.embedding.repository.conditions import conditions_on
from services.embedding.repository.hits import shown
from services.embedding.repository.knowledge import forget_knowledge
from services.embedding.wanted import Wanted
from shared.contracts.embedding import (
    EmbedTexts,
    FindNeighbours,
    HitKind,
    NeighbourFilter,
    Search,
    SearchHit,
    SearchPage,
    StartReindex,
)
from shared.contracts.errors import QueryError
from shared.database.cursors import read_cursor, write_cursor
from shared.llm.loops import LoopLocal
from shared.llm.remembering import VectorMemory
from shared.messaging.transaction import Transaction, transaction
from tests.fakes.llm import Fails, Hangs, wrong_key
from tests.integration.embedding.world import (
    BEGAN,
    World,
    atom,
    message,
    scored,
    spaces,
    work_off,
)

RELEASE = "Переносимо реліз на четвер, бо міграція довша за вікно"
SERVER = "Сервер замовлень відповідає за три секунди"
TILL = "Каса на Подолі не друкує чеки"
MIXED = "П’ятниця: ґанок db-prod-2 перевантажено, деплой відкотили"


def fill(world: World) -> None:
    world.know(
        scored(message(1, RELEASE, chat=1, author=3)),
        scored(message(2, SERVER, chat=1, author=4), "weak_signal"),
        scored(message(3, TILL, chat=7, author=3)),
        scored(message(4, MIXED, chat=7, author=None), "weak_signal"),
        scored(message(5, "реліз? ок", chat=1, author=4), "noise"),
    )
    world.atoms = {
        1: atom(1, "Реліз у четвер", "Реліз переносимо на четвер.", chat_ids=[1, 2]),
        2: atom(2, "Чеки", "Каса не друкує чеки.", atom_type="problem", status="needs_review", chat_ids=[7]),
        3: atom(3, "Реліз", "Реліз у понеділок.", hidden=True),
    }


async def ready() -> None:
    await review_vector_spaces_task()
    await work_off()


async def find(words: str, **narrowed: Any) -> SearchPage:
    return await find_by_meaning_and_words(Search(query=words, **narrowed))


def found(page: SearchPage) -> list[tuple[str, int]]:
    return [(hit.kind, hit.id) for hit in page.items]


def marked(hit: SearchHit) -> list[str]:
    return [hit.text[start:end] for start, end in hit.matches]


def test_messages_and_atoms_are_found_together_each_with_why(world: World) -> None:
    fill(world)

    async def scenario() -> SearchPage:
        await ready()
        return await find("реліз у четвер")

    page = world.run(scenario)
    assert found(page)[:2] == [("atom", 1), ("message", 1)]
    assert {("atom", 3), ("message", 5)}.isdisjoint(found(page))
    first, second = page.items[:2]
    assert (first.title, first.atom_type, first.status) == ("Реліз у четвер", "decision", "approved")
    assert (second.message_class, second.chat_id, second.author_id) == ("signal", 1, 3)
    for hit in page.items:
        assert hit.score == pytest.approx(hit.parts.vector_z + 0.25 * hit.parts.words_z)
    assert [hit.score for hit in page.items] == sorted((hit.score for hit in page.items), reverse=True)
    assert marked(second) == ["реліз", "четвер"]
    assert [(first.title or "")[start:end] for start, end in first.title_matches] == ["Реліз", "четвер"]
    assert second.title_matches == []
    assert (page.space_id, page.degraded, page.under_filled, page.basic_mode) == (1, None, False, False)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"kinds": ["message"]}, {("message", 1), ("message", 2), ("message", 3), ("message", 4)}),
        ({"kinds": ["atom"]}, {("atom", 1), ("atom", 2)}),
        ({"chat_ids": [7]}, {("message", 3), ("message", 4), ("atom", 2)}),
        ({"chat_ids": [2, 99]}, {("atom", 1)}),
        ({"author_id": 4}, {("message", 2)}),
        ({"author_id": 4, "include_noise": True}, {("message", 2), ("message", 5)}),
        ({"message_class": "signal"}, {("message", 1), ("message", 3)}),
        ({"message_class": "noise"}, {("message", 5)}),
        ({"atom_types": ["problem"]}, {("atom", 2)}),
        ({"atom_types": ["problem"], "message_class": "signal"}, set()),
        (
            {
                "kinds": ["message"],
                "since": BEGAN + timedelta(minutes=2),
                "until": BEGAN + timedelta(minutes=4),
            },
            {("message", 2), ("message", 3)},
        ),
    ],
)
def test_filters(world: World, narrowed: dict[str, Any], expected: set[tuple[str, int]]) -> None:
    fill(world)

    async def scenario() -> SearchPage:
        await ready()
        return await find("реліз", **narrowed)

    assert set(found(world.run(scenario))) == expected


@pytest.mark.parametrize(
    ("words", "expected", "shown"),
    [
        ("ПЯТНИЦЯ", 4, ["П’ятниця"]),
        ("ганок", 4, ["ґанок"]),
        ("DB-PROD-2", 4, ["db-prod-2"]),
        ("міграцією", 1, ["міграція"]),
        ("перевантаженно", 4, ["перевантажено"]),
        ("друкуємо чеки", 3, ["друкує", "чеки"]),
    ],
)
def test_words_are_found_and_marked_however_they_are_written(
    world: World, words: str, expected: int, shown: list[str]
) -> None:
    fill(world)

    async def scenario() -> SearchPage:
        await ready()
        return await find(words, kinds=["message"])

    (hit,) = [hit for hit in world.run(scenario).items if hit.parts.words > 0.4]
    assert (hit.id, marked(hit)) == (expected, shown)


@pytest.mark.parametrize("reaction", [Fails(503), Hangs(), wrong_key()])
def test_words_alone_answer_while_the_provider_does_not(world: World, reaction: Any) -> None:
    fill(world)

    async def scenario() -> SearchPage:
        await ready()
        world.llm.embeddings.always(reaction)
        return await find("реліз")

    page = world.run(scenario)
    assert found(page) == [("atom", 1), ("message", 1)]
    assert (page.space_id, page.items[0].parts.vector) == (None, None)
    assert page.degraded is not None
    assert page.degraded.startswith("Found by words alone: ")


def test_provider_that_did_not_answer_is_left_alone_for_a_moment(world: World) -> None:
    fill(world)

    async def scenario() -> tuple[list[SearchPage], int, SearchPage]:
        await ready()
        known = await find("каса")
        world.llm.embeddings.always(Fails(503))
        pages = [await find("реліз")]
        before = len(world.llm.embeddings.requests)
        pages += [await find(words) for words in ("чеки", "сервер")]
        return [known, *pages], len(world.llm.embeddings.requests) - before, await find("каса")

    pages, requests, known = world.run(scenario)
    assert requests == 0
    assert [page.space_id for page in pages] == [1, None, None, None]
    assert pages[1].degraded == pages[2].degraded
    assert known.space_id == 1


def test_search_before_there_is_a_space_says_so(world: World) -> None:
    async def scenario() -> SearchPage:
        return await find("реліз")

    page = world.run(scenario)
    assert (page.items, page.degraded) == ([], "Found by words alone: there is no vector space yet.")


def crowd(world: World, count: int = 1500, few: int = 12) -> None:
    """Many messages about one thing, and few in a chat of their own about another."""
    world.know(
        *(scored(message(number, f"Реліз у четвер, частина {number}", chat=1)) for number in range(1, count)),
        *(scored(message(count + number, f"Каса {number}", chat=42)) for number in range(few)),
    )


@pytest.mark.parametrize("compared_at_most", [neighbours.COMPARED_AT_MOST, 0])
def test_narrowed_search_is_not_under_filled(
    world: World, monkeypatch: pytest.MonkeyPatch, compared_at_most: int
) -> None:
    """Neither when the few rows are compared one by one, nor when the index is gone through for them."""
    crowd(world)
    monkeypatch.setattr(neighbours, "COMPARED_AT_MOST", compared_at_most)

    async def scenario() -> SearchPage:
        await ready()
        return await find("реліз у четвер", chat_ids=[42], limit=50)

    page = world.run(scenario)
    assert set(found(page)) == {("message", 1500 + number) for number in range(12)}


def test_answer_that_the_index_cuts_short_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(world)
    monkeypatch.setattr(neighbours, "COMPARED_AT_MOST", 0)
    short = neighbours._TUNED.text.replace("'40000'", "'200'")
    monkeypatch.setattr(neighbours, "_TUNED", text(short))

    async def scenario() -> tuple[bool, bool]:
        await ready()
        narrowed = await find("реліз у четвер", chat_ids=[42])
        return narrowed.under_filled, (await find("реліз у четвер")).under_filled

    assert world.run(scenario) == (True, False)


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


def test_hit_that_goes_while_it_is_found_is_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)

    async def forgotten(tx: Transaction, kind: HitKind, ids: Sequence[int]) -> dict[int, Any]:
        await forget_knowledge(tx, "atom", [1])
        return await shown(tx, kind, ids)

    monkeypatch.setattr(searching, "shown", forgotten)

    async def scenario() -> SearchPage:
        await ready()
        return await find("реліз у четвер")

    assert found(world.run(scenario))[0] == ("message", 1)


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


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(chat_ids=[42]), "knowledge_texts_by_chat"),
        (Wanted(author_id=42), "knowledge_texts_by_author"),
        (Wanted(since=BEGAN + timedelta(days=9)), "knowledge_texts_by_time"),
    ],
)
def test_few_atoms_are_told_from_many_by_an_index(world: World, wanted: Wanted, index: str) -> None:
    async def scenario() -> str:
        async with transaction() as tx:
            await tx.execute(
                text(
                    "INSERT INTO knowledge_texts (kind, item_id, title, text, folded, content_hash, at,"
                    " atom_type, status, chat_ids, author_ids, hidden)"
                    " SELECT 'atom', number, 'Реліз', 'реліз', ' реліз ', number, CAST(:at AS timestamptz),"
                    " 'decision', 'approved', ARRAY[number % 1000], ARRAY[number % 1000], false"
                    " FROM generate_series(1, 10000) AS number"
                ),
                {"at": BEGAN},
            )
            await tx.execute(text("ANALYZE knowledge_texts"))
            await neighbours.tune(tx)
            conditions = conditions_on("atom", wanted, "t")
            asked = f"EXPLAIN SELECT FROM knowledge_texts t WHERE {conditions.sql}"
            plan = await tx.execute(text(asked), conditions.parameters)
            return "\n".join(row[0] for row in plan)

    assert index in world.run(scenario)


@pytest.mark.parametrize("words", ["👍", "!?", "не", "\x00%_\\'", "а" * 500])
def test_query_that_says_little_is_answered_all_the_same(world: World, words: str) -> None:
    fill(world)

    async def scenario() -> SearchPage:
        await ready()
        return await find(words)

    assert world.run(scenario).degraded is None


def test_neighbours_are_near_and_only_those_asked_for(world: World) -> None:
    fill(world)

    async def scenario() -> list[list[Any]]:
        await ready()
        asked = ["Реліз у четвер. Реліз переносимо на четвер.", "Чеки. Каса не друкує чеки."]
        narrowed = NeighbourFilter(atom_types=["decision"], exclude_ids=[9])
        return [
            await find_neighbours(FindNeighbours(texts=asked, kind="atom")),
            await find_neighbours(FindNeighbours(texts=asked, kind="atom", filter=narrowed, limit=1)),
            await find_neighbours(
                FindNeighbours(texts=asked, kind="atom", filter=NeighbourFilter(exclude_ids=[1]), least=0.9)
            ),
            await find_neighbours(FindNeighbours(texts=[RELEASE], kind="message", role="query", limit=2)),
            await find_neighbours(FindNeighbours(texts=[RELEASE], kind="topic")),
        ]

    everything, decisions, others, messages, topics = world.run(scenario)
    assert [[near.id for near in each] for each in everything] == [[1, 2], [2, 1]]
    assert everything[0][0].similarity == pytest.approx(1.0, abs=1e-3)
    assert [[near.id for near in each] for each in decisions] == [[1], [1]]
    assert [[near.id for near in each] for each in others] == [[], [2]]
    assert messages[0][0].id == 1
    assert topics == [[]]


def test_vectors_of_texts_are_of_unit_length_and_remembered(world: World) -> None:
    async def scenario() -> tuple[Any, Any, int]:
        with pytest.raises(QueryError, match="no vector space yet"):
            await embed_texts(EmbedTexts(texts=["реліз"]))
        await ready()
        before = len(world.llm.embeddings.requests)
        first = await embed_texts(EmbedTexts(texts=["реліз", "каса", "реліз"], role="query"))
        second = await embed_texts(EmbedTexts(texts=["каса"], role="query"))
        return first, second, len(world.llm.embeddings.requests) - before

    first, second, requests = world.run(scenario)
    numbers = struct.unpack("<64f", first.vectors[0])
    assert sum(number * number for number in numbers) == pytest.approx(1.0, abs=1e-5)
    assert (first.dimension, first.vectors[0], first.vectors[1]) == (64, first.vectors[2], second.vectors[0])
    assert requests == 1
