"""Batches: true to the item, bad items fail alone, failures are kept and mended, outages are waited out."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.embedding.actors import (
    embed_atoms_batch_task,
    embed_messages_batch_task,
    embed_missing_task,
    embed_topics_batch_task,
    index_messages_task,
    review_vector_spaces_task,
)
from services.embedding.queries import coverage, start_embedding
from services.embedding.repository import texts
from services.embedding.repository.sources import statement
from services.embedding.repository.texts import ids_lacking
from shared.contracts.embedding import EmbeddingFailure, EmbedMissing, GetCoverage, ScoredText, StartEmbedding
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction
from shared.service import FinalFailure
from tests.fakes.llm import Fails, wrong_key
from tests.integration.embedding.world import (
    SECOND,
    World,
    atom,
    counted,
    message,
    scored,
    spaces,
    vectors_in,
    work_off,
)


async def ready() -> int:
    await review_vector_spaces_task()
    await work_off()
    return (await spaces())[0].id


async def index(*given: ScoredText) -> None:
    """Have texts here, without vectors yet."""
    for start in range(0, len(given), 500):
        some = list(given[start : start + 500])
        await index_messages_task(message_ids=[each.message.id for each in some], messages=some)
    async with transaction() as tx:
        await tx.execute(text("DELETE FROM outbox"))


async def failures() -> dict[int, EmbeddingFailure]:
    return {each.item_id: each for each in (await coverage(GetCoverage())).failures}


def test_result_of_ten_thousand_is_true_to_the_item(world: World) -> None:
    """9,500 good ones, 3 poisoned, 297 noise, 100 with a vector already, 100 that nobody has."""
    poisoned = {17, 4444, 9001}
    noise = set(range(100, 397))
    present = set(range(500, 600))
    for number in poisoned:
        world.llm.poison_with(f"Повідомлення {number}")
    given = [
        scored(message(number, f"Повідомлення {number}"), "noise" if number in noise else "signal")
        for number in range(1, 9901)
    ]

    async def scenario() -> tuple[Any, Any, list[int], dict[int, EmbeddingFailure]]:
        space_id = await ready()
        await index(*given)
        await embed_messages_batch_task(message_ids=sorted(present), provider_id=None)
        first = await embed_messages_batch_task(message_ids=list(range(1, 10_001)), provider_id=None)
        kept = await failures()
        with counted(world.llm) as sent:
            second = await embed_messages_batch_task(message_ids=list(range(1, 9901)), provider_id=None)
        # Beside them the sample by which a bad text is told from a bad server.
        assert {each for each in sent if each.startswith("Повідомлення")} == {
            f"Повідомлення {number}" for number in poisoned
        }
        return first, second, await vectors_in(space_id), kept

    first, second, vectors, kept = world.run(scenario)
    assert first == {"success": 9500, "failed": 103, "skipped": 397}
    assert second == {"success": 0, "failed": 3, "skipped": 9897}
    assert set(vectors) == set(range(1, 9901)) - noise - poisoned
    assert set(kept) <= poisoned | set(range(9901, 10_001))
    assert len(kept) == 100


def test_failure_is_kept_with_its_reason_and_mended_by_a_later_run(world: World) -> None:
    world.llm.poison_with("зле", Fails(400, "Too strange.", param="input", type="invalid_request_error"))

    async def scenario() -> tuple[list[dict[int, EmbeddingFailure]], Any]:
        await ready()
        await index(scored(message(1, "зле")), scored(message(2, "добре")))
        seen = []
        for _ in range(2):
            await embed_messages_batch_task(message_ids=[1, 2, 404], provider_id=None)
            seen.append(await failures())
        world.llm.poison.clear()
        mended = await embed_missing_task(kind="message", provider_id=None, refresh=False)
        return [*seen, await failures()], mended

    (first, second, third), mended = world.run(scenario)
    assert "Too strange." in first[1].reason
    assert first[404].reason == "There is no such message with a score."
    assert (first[1].attempts, second[1].attempts) == (1, 2)
    assert set(third) == {404}
    assert mended == {"success": 1, "failed": 0, "skipped": 0}


def test_provider_that_is_away_fails_no_item_and_loses_none(world: World) -> None:
    async def scenario() -> tuple[str, dict[int, EmbeddingFailure], Any]:
        await ready()
        await index(scored(message(1, "перше")), scored(message(2, "друге")))
        world.llm.embeddings.always(Fails(503))
        with pytest.raises(QueryError) as caught:
            await embed_messages_batch_task(message_ids=[1, 2], provider_id=None)
        seen = await failures()
        world.llm.embeddings.always(None)
        return caught.value.code, seen, await embed_messages_batch_task(message_ids=[1, 2], provider_id=None)

    code, seen, result = world.run(scenario)
    assert (code, seen) == ("unavailable", {})
    assert result == {"success": 2, "failed": 0, "skipped": 0}


def test_provider_that_refuses_everything_fails_each_item_with_what_it_says(world: World) -> None:
    async def scenario() -> tuple[Any, dict[int, EmbeddingFailure]]:
        await ready()
        await index(scored(message(1, "перше")), scored(message(2, "друге")))
        world.llm.embeddings.always(wrong_key())
        result = await embed_messages_batch_task(message_ids=[1, 2], provider_id=None)
        with pytest.raises(FinalFailure, match="Provider 1"):
            await embed_missing_task(kind="message", provider_id=None, refresh=False)
        return result, await failures()

    result, seen = world.run(scenario)
    assert result == {"success": 0, "failed": 2, "skipped": 0}
    assert set(seen) == {1, 2}
    assert "key" in seen[1].reason


def test_provider_without_a_space_ends_the_task_with_a_sentence(world: World) -> None:
    async def scenario() -> None:
        await ready()
        with pytest.raises(FinalFailure, match="no vector space of provider"):
            await embed_messages_batch_task(message_ids=[1], provider_id=SECOND)

    world.run(scenario)


def test_message_that_nobody_has_sent_is_asked_for(world: World) -> None:
    world.know(scored(message(5, "сказане без нас")), scored(message(6, "шум"), "noise"))

    async def scenario() -> tuple[Any, list[int]]:
        space_id = await ready()
        async with transaction() as tx:
            await tx.execute(text("DELETE FROM message_texts"))
            await tx.execute(text(f"DELETE FROM message_vectors_{space_id}"))  # noqa: S608 - a number
        result = await embed_messages_batch_task(message_ids=[5, 6, 7], provider_id=None)
        return result, await vectors_in(space_id)

    result, vectors = world.run(scenario)
    assert result == {"success": 1, "failed": 1, "skipped": 1}
    assert vectors == [5]


def test_atoms_follow_what_knowledge_says_of_them(world: World) -> None:
    world.atoms = {
        1: atom(1, "Реліз у четвер", "Переносимо реліз на четвер."),
        2: atom(2, "Відхилене", "Цього не було.", hidden=True),
    }

    async def scenario() -> tuple[list[Any], list[list[int]]]:
        space_id = await ready()
        async with transaction() as tx:
            await tx.execute(text(f"DELETE FROM atom_vectors_{space_id}"))  # noqa: S608 - a number
        results, seen = [], []

        async def embed() -> None:
            results.append(await embed_atoms_batch_task(atom_ids=[1, 2, 3], provider_id=None))
            seen.append(await vectors_in(space_id, "atom"))

        await embed()
        world.atoms[1] = atom(1, "Реліз у п'ятницю", "Переносимо реліз на п'ятницю.")
        world.atoms[2] = atom(2, "Відхилене", "Цього не було.")
        await embed()
        world.atoms[1] = atom(1, "Реліз у п'ятницю", "Переносимо реліз на п'ятницю.", hidden=True)
        del world.atoms[2]
        await embed()
        return results, seen

    results, seen = world.run(scenario)
    assert results == [
        {"success": 1, "failed": 1, "skipped": 1},
        {"success": 2, "failed": 1, "skipped": 0},
        {"success": 0, "failed": 2, "skipped": 1},
    ]
    assert seen == [[1], [1, 2], []]


def test_title_and_text_of_a_topic_are_embedded_as_one(world: World) -> None:
    world.topics = {1: atom(1, "Нічні збої", "Черга зупиняється вночі."), 2: atom(2, "Каса.", "")}

    async def scenario() -> tuple[Any, list[str]]:
        await ready()
        async with transaction() as tx:
            await tx.execute(text("UPDATE knowledge_texts SET content_hash = '-'"))
        with counted(world.llm) as sent:
            result = await embed_topics_batch_task(topic_ids=[1, 2], provider_id=None)
        return result, sent

    result, sent = world.run(scenario)
    assert result == {"success": 2, "failed": 0, "skipped": 0}
    assert sent == ["Нічні збої. Черга зупиняється вночі.", "Каса"]


def test_embedding_that_is_asked_for_twice_is_enqueued_once(world: World) -> None:
    async def scenario() -> tuple[str, list[Any]]:
        with pytest.raises(QueryError) as caught:
            await start_embedding(StartEmbedding(run_id=uuid4(), kind="message"))
        await ready()
        world.know(scored(message(8, "нове для нас")))
        query = StartEmbedding(run_id=uuid4(), kind="message")
        for _ in range(2):
            await start_embedding(query)
        return caught.value.code, await work_off()

    code, ran = world.run(scenario)
    assert code == "conflict"
    assert ran == [(EmbedMissing.actor_name, {"success": 1, "failed": 0, "skipped": 0})]


def test_next_that_lack_a_vector_are_found_without_reading_all_vectors(world: World) -> None:
    """Once a hundred items: joined as a whole, the work would grow with the square of what there is."""

    async def scenario() -> str:
        space_id = await ready()
        async with transaction() as tx:
            await tx.execute(
                text(
                    "INSERT INTO message_texts (message_id, chat_id, sent_at, written_at, message_class,"
                    " has_text, text, folded, content_hash) SELECT number, 1, now(), now(), 'signal', true,"
                    " 'реліз', ' реліз ', number FROM generate_series(1, 20000) AS number"
                )
            )
            await tx.execute(
                text(
                    f"INSERT INTO message_vectors_{space_id:d} (item_id, chat_id, sent_at, message_class,"  # noqa: S608
                    " content_hash, embedding) SELECT message_id, 1, sent_at, message_class, content_hash,"
                    " CAST(array_fill(1, ARRAY[64]) AS vector) FROM message_texts WHERE message_id <= 10000"
                )
            )
            await tx.execute(text("ANALYZE message_texts"))
            await tx.execute(text(f"ANALYZE message_vectors_{space_id:d}"))
            assert await ids_lacking(tx, "message", space_id, after=9_990, limit=3, also_failed=True) == [
                10_001,
                10_002,
                10_003,
            ]
            asked = statement(texts._LACKING, "message", space_id).text
            plan = await tx.execute(text(f"EXPLAIN {asked}"), {"after": 9_990, "limit": 100})
            return "\n".join(row[0] for row in plan)

    plan = world.run(scenario)
    assert "message_vectors_1_pkey" in plan
    assert "Nested Loop" in plan
