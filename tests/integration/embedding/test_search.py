"""Search: meaning and words, filters that leave out and never under-fill, and words alone."""

import struct
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.embedding import searching
from services.embedding.queries import embed_texts, find_neighbours
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
    SearchHit,
    SearchPage,
)
from shared.contracts.errors import QueryError
from shared.messaging.transaction import Transaction, transaction
from tests.fakes.llm import Fails, Hangs, wrong_key
from tests.integration.embedding.searches import RELEASE, crowd, fill, find, found, ready
from tests.integration.embedding.world import BEGAN, World


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
