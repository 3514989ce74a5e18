"""Taking messages in: second deliveries, edits, noise, corrections, chats that move."""

import asyncio
from typing import Any

import msgspec
from sqlalchemy import text

from services.embedding.actors import index_messages_task, review_vector_spaces_task
from shared.contracts.embedding import EmbedMessagesBatch, ScoredText
from shared.messaging.transaction import transaction
from tests.integration.embedding.world import World, counted, message, scored, vectors_in, work_off

WORDS = "Переносимо реліз на четвер, бо міграція довша за вікно"
OTHERS = "Сервер замовлень відповідає за три секунди замість однієї"


async def index(*given: ScoredText) -> None:
    await index_messages_task(message_ids=[each.message.id for each in given], messages=list(given))


async def rows(statement: str) -> list[tuple[Any, ...]]:
    async with transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement))]


async def ready() -> int:
    """Have an active space; returns its id."""
    await review_vector_spaces_task()
    await work_off()
    ((space_id,),) = await rows("SELECT id FROM vector_spaces WHERE status = 'active'")
    return int(space_id)


def test_second_delivery_leaves_one_row_and_nothing_to_embed(world: World) -> None:
    async def scenario() -> tuple[list[Any], list[Any], list[int]]:
        space_id = await ready()
        await index(scored(message(1, WORDS)))
        first = await work_off()
        await index(scored(message(1, WORDS)))
        return first, await work_off(), await vectors_in(space_id)

    first, second, vectors = world.run(scenario)
    assert first == [(EmbedMessagesBatch.actor_name, {"success": 1, "failed": 0, "skipped": 0})]
    assert (second, vectors) == ([], [1])


def test_edit_is_embedded_anew_and_an_older_text_never_wins(world: World) -> None:
    async def scenario() -> tuple[list[Any], list[Any], list[str]]:
        space_id = await ready()
        await index(scored(message(1, WORDS)))
        await work_off()
        with counted(world.llm) as sent:
            await index(scored(message(1, OTHERS, later=60)))
            gone = await vectors_in(space_id)
            await work_off()
            await index(scored(message(1, WORDS), "weak_signal"))
            await work_off()
        kept = await rows("SELECT text, message_class FROM message_texts")
        assert await vectors_in(space_id) == [1]
        return gone, kept, sent

    gone, kept, sent = world.run(scenario)
    assert gone == []
    assert kept == [(OTHERS, "signal")]
    assert sent == [OTHERS]


def test_noise_never_has_a_vector_and_a_correction_gives_or_takes_it(world: World) -> None:
    async def scenario() -> list[list[int]]:
        space_id = await ready()
        seen = []
        for message_class in ("noise", "signal", "noise", "weak_signal"):
            world.know(scored(message(1, WORDS), message_class))
            await index_messages_task(message_ids=[1], messages=None)
            await work_off()
            seen.append(await vectors_in(space_id))
        return seen

    assert world.run(scenario) == [[], [1], [], [1]]


def test_class_that_comes_late_gives_way_to_what_scoring_says_now(world: World) -> None:
    world.know(scored(message(1, WORDS), "noise"))

    async def scenario() -> tuple[list[int], list[Any], list[Any]]:
        space_id = await ready()
        await index_messages_task(message_ids=[1], messages=None)
        await index(scored(message(1, WORDS), "signal"))
        late = await rows("SELECT message_class FROM message_texts")
        await work_off()
        world.know(scored(message(1, WORDS), "weak_signal"))
        await index(scored(message(1, WORDS), "weak_signal"))
        await work_off()
        return await vectors_in(space_id), late, await rows("SELECT message_class FROM message_texts")

    assert world.run(scenario) == ([1], [("noise",)], [("weak_signal",)])


def test_message_that_becomes_noise_while_it_is_embedded_has_no_vector(world: World) -> None:
    async def scenario() -> list[int]:
        space_id = await ready()
        await index(scored(message(1, WORDS)))
        before = len(world.llm.embeddings.requests)
        embedding = asyncio.create_task(work_off())
        await asyncio.to_thread(world.llm.embeddings.wait_for, before + 1)
        world.know(scored(message(1, WORDS), "noise"))
        await index_messages_task(message_ids=[1], messages=None)
        await embedding
        await work_off()
        return await vectors_in(space_id)

    assert world.run(scenario) == []


def test_ids_alone_suffice_and_what_has_no_score_waits(world: World) -> None:
    world.know(scored(message(1, WORDS)), scored(message(2, OTHERS), "noise"))
    world.messages[3] = message(3, WORDS)

    async def scenario() -> tuple[list[int], list[Any]]:
        space_id = await ready()
        await index_messages_task(message_ids=[1, 2, 3, 404], messages=None)
        await work_off()
        return await vectors_in(space_id), await rows("SELECT message_id FROM message_texts ORDER BY 1")

    vectors, known = world.run(scenario)
    assert (vectors, known) == ([1], [(1,), (2,)])


def test_chat_that_moves_takes_its_messages_along(world: World) -> None:
    async def scenario() -> tuple[list[Any], list[Any], list[str]]:
        space_id = await ready()
        await index(scored(message(1, WORDS, chat=1)))
        await work_off()
        with counted(world.llm) as sent:
            await index(scored(message(1, WORDS, chat=7)))
            await work_off()
        texts = await rows("SELECT chat_id FROM message_texts")
        vectors = await rows(f"SELECT chat_id FROM message_vectors_{space_id}")  # noqa: S608 - a number
        return texts, vectors, sent

    texts, vectors, sent = world.run(scenario)
    assert texts == vectors == [(7,)]
    assert sent == []


def test_messages_that_come_together_are_embedded_together(world: World) -> None:
    async def scenario() -> list[Any]:
        await ready()
        given = [scored(message(number, f"{WORDS} {number}")) for number in range(1, 21)]
        await asyncio.gather(*(index(each) for each in given))
        return await work_off()

    ran = world.run(scenario)
    assert sum(result["success"] for _, result in ran) == 20
    assert len(ran) < 5


def test_media_without_words_is_not_embedded(world: World) -> None:
    photo = msgspec.structs.replace(message(1, "[photo]"), has_text=False)

    async def scenario() -> tuple[list[Any], list[Any]]:
        await ready()
        await index(scored(photo))
        return await work_off(), await rows("SELECT wanted, folded FROM message_texts")

    assert world.run(scenario) == ([], [(False, "")])
