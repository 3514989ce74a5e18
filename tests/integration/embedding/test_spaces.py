"""Vector spaces: the first at once, others beside and then in its place; crashes and changes of mind."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from services.embedding import building
from services.embedding.actors import (
    build_vector_space_task,
    embed_messages_batch_task,
    index_messages_task,
    review_vector_spaces_task,
)
from services.embedding.queries import (
    coverage,
    find_by_meaning_and_words,
    reindex_state,
    start_reindex,
)
from services.embedding.repository.space_tables import index_filled
from services.embedding.spaces import STALLED_AFTER
from shared.contracts.embedding import (
    BuildVectorSpace,
    GetCoverage,
    GetReindex,
    Search,
    SearchPage,
    StartReindex,
)
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction
from tests.fakes.llm import Fails, running_llm_server, wrong_key
from tests.integration.embedding.world import (
    FIRST,
    SECOND,
    World,
    atom,
    counted,
    message,
    said,
    scored,
    spaces,
    vectors_in,
    work_off,
)

WORDS = ("Переносимо реліз на четвер", "Сервер замовлень відповідає повільно", "Каса не друкує чеки")


def fill(world: World, count: int = 250) -> None:
    """Have messages, atoms and a topic in the other services."""
    world.know(*(scored(message(number, f"{WORDS[number % 3]} {number}")) for number in range(1, count + 1)))
    world.know(scored(message(count + 1, "ок"), "noise"))
    world.atoms = {1: atom(1, "Реліз", "Реліз у четвер."), 2: atom(2, "Ні", "Ні.", hidden=True)}
    world.topics = {1: atom(1, "Реліз", "Усе про реліз.")}


async def find(words: str = "реліз у четвер") -> SearchPage:
    return await find_by_meaning_and_words(Search(query=words, kinds=["message"], limit=5))


async def statuses() -> dict[int, str]:
    return {space.id: space.status for space in await spaces()}


def test_first_space_is_active_at_once_and_takes_in_everything_there_is(world: World) -> None:
    fill(world)

    async def scenario() -> tuple[list[Any], list[list[int]], list[Any], list[Any]]:
        await review_vector_spaces_task()
        ran = await work_off()
        ((space),) = await spaces()
        assert (space.status, space.dimension, space.run_status) == ("active", 64, "completed")
        found = [await vectors_in(space.id, kind) for kind in ("message", "atom", "topic")]
        return ran, found, await said("embedding.space_activated"), await said("embedding.reindex_progress")

    ran, found, activated, progress = world.run(scenario)
    assert [name for name, _ in ran] == [BuildVectorSpace.actor_name]
    assert ran[0][1] == {"success": 252, "failed": 0, "skipped": 0}
    assert found == [list(range(1, 251)), [1], [1]]
    assert len(activated) == 1
    assert progress[-1]["reindex"]["status"] == "completed"
    assert progress[-1]["reindex"]["space"]["embedded"] == 252


def test_review_is_harmless_to_repeat(world: World) -> None:
    async def scenario() -> tuple[list[Any], list[Any], dict[int, str]]:
        for _ in range(3):
            await review_vector_spaces_task()
        first = await work_off()
        await review_vector_spaces_task()
        return first, await work_off(), await statuses()

    first, second, known = world.run(scenario)
    assert len(first) == 1
    assert (second, known) == ([], {1: "active"})


def test_another_provider_is_built_beside_and_takes_over_while_searches_go_on(world: World) -> None:
    fill(world)

    async def scenario() -> tuple[list[SearchPage], dict[int, str], list[int], list[int]]:
        await review_vector_spaces_task()
        await work_off()
        pages = [await find()]
        with running_llm_server() as other:
            other.dimension = 96
            world.use(SECOND, base_url=other.url)
            await review_vector_spaces_task()
            building = asyncio.create_task(work_off())
            await asyncio.to_thread(other.embeddings.wait_for, 3)
            while not building.done():
                pages.append(await find())
                await asyncio.sleep(0)
            new = scored(message(900, "Реліз у четвер, і крапка"))
            await index_messages_task(message_ids=[900], messages=[new])
            await work_off()
            pages.append(await find())
            return pages, await statuses(), await vectors_in(1), await vectors_in(2)

    pages, known, old, new = world.run(scenario)
    assert known == {2: "active", 1: "retired"}
    assert all(len(page.items) == 5 for page in pages)
    assert {page.space_id for page in pages} == {1, 2}
    assert [page.space_id for page in pages] == sorted(page.space_id or 0 for page in pages)
    assert old == list(range(1, 251))
    assert new == [*range(1, 251), 900]


def test_what_is_new_during_a_build_goes_into_both_spaces(world: World) -> None:
    fill(world, 3)

    async def scenario() -> tuple[list[int], list[int], list[str]]:
        await review_vector_spaces_task()
        await work_off()
        await start_reindex(StartReindex(run_id=uuid4()))
        world.llm.poison_with(f"{WORDS[1]} 1", Fails(503))
        with pytest.raises(QueryError):
            await build_vector_space_task(space_id=2)
        new = scored(message(900, "Реліз у четвер, і крапка"))
        await index_messages_task(message_ids=[900], messages=[new])
        with counted(world.llm) as sent:
            await embed_messages_batch_task(message_ids=[900], provider_id=None)
        return await vectors_in(1), await vectors_in(2), sent

    old, new, sent = world.run(scenario)
    assert (old, new) == ([1, 2, 3, 900], [900])
    assert len(sent) == 2


def test_build_that_was_interrupted_goes_on_where_it_ended(world: World) -> None:
    fill(world)

    async def scenario() -> tuple[list[str], str | None, Any]:
        await review_vector_spaces_task()
        await work_off()
        run_id = uuid4()
        await start_reindex(StartReindex(run_id=run_id))
        world.llm.poison_with(f"{WORDS[201 % 3]} 201", Fails(503))
        with pytest.raises(QueryError) as caught:
            await build_vector_space_task(space_id=2)
        assert caught.value.code == "unavailable"
        held_up = (await reindex_state(GetReindex(run_id=run_id))).space.failure
        world.llm.poison.clear()
        with counted(world.llm) as sent:
            await work_off()
        return sent, held_up, await reindex_state(GetReindex(run_id=run_id))

    sent, held_up, record = world.run(scenario)
    assert held_up is not None
    assert "503" in held_up
    assert len(sent) == 50 + 2
    assert (record.status, record.success, record.skipped) == ("completed", 252, 0)
    assert (record.space.status, record.space.failure) == ("active", None)


def test_provider_that_refuses_fails_its_space_and_the_old_one_stays(world: World) -> None:
    fill(world, 3)

    async def scenario() -> tuple[dict[int, str], str | None, list[Any], dict[int, str]]:
        await review_vector_spaces_task()
        await work_off()
        world.use(SECOND, document_model="another-model", query_model="another-model")
        world.llm.embeddings.always(wrong_key())
        await review_vector_spaces_task()
        await work_off()
        await review_vector_spaces_task()
        assert await work_off() == []
        failed = (await coverage(GetCoverage())).spaces
        told = await said("embedding.reindex_progress")
        before = await statuses()
        world.llm.embeddings.always(None)
        later = failed[0].created_at.replace(year=2100)
        world.providers[SECOND] = msgspec.structs.replace(world.providers[SECOND], updated_at=later)
        await review_vector_spaces_task()
        await work_off()
        return before, failed[1].failure, told, await statuses()

    before, failure, told, afterwards = world.run(scenario)
    assert before == {1: "active", 2: "failed"}
    assert failure is not None
    assert "key" in failure
    assert told[-1]["reindex"]["status"] == "failed"
    assert afterwards == {2: "active", 1: "retired"}


def test_going_back_to_the_former_provider_embeds_nothing_anew(world: World) -> None:
    fill(world, 30)

    async def scenario() -> tuple[list[str], dict[int, str], list[int]]:
        await review_vector_spaces_task()
        await work_off()
        world.use(SECOND, document_model="another-model", query_model="another-model")
        await review_vector_spaces_task()
        await work_off()
        edited = scored(message(7, "Зовсім інше", later=60))
        world.know(edited)
        await index_messages_task(message_ids=[7], messages=[edited])
        await work_off()
        world.use(FIRST)
        with counted(world.llm) as sent:
            await review_vector_spaces_task()
            await work_off()
        return sent, await statuses(), await vectors_in(1)

    sent, known, vectors = world.run(scenario)
    assert sent == ["Зовсім інше"]
    assert known == {1: "active", 2: "retired"}
    assert vectors == list(range(1, 31))


def test_embedder_that_changes_again_ends_the_build_before(world: World) -> None:
    fill(world, 3)

    async def scenario() -> tuple[list[Any], dict[int, str], str | None]:
        await review_vector_spaces_task()
        await work_off()
        world.use(SECOND, document_model="another-model")
        await review_vector_spaces_task()
        world.use(SECOND, document_model="a-third-model")
        await review_vector_spaces_task()
        ran = await work_off()
        failure = next(space.failure for space in await spaces() if space.id == 2)
        return ran, await statuses(), failure

    ran, known, failure = world.run(scenario)
    assert [result["success"] for _, result in ran] == [0, 5]
    assert known == {3: "active", 2: "failed", 1: "retired"}
    assert failure == "The embedder was changed before this space was complete."


def test_embedder_that_changes_back_and_forth_has_its_build_go_on_at_once(world: World) -> None:
    fill(world, 3)

    async def scenario() -> tuple[list[Any], dict[int, str]]:
        await review_vector_spaces_task()
        await work_off()
        for provider_id in (SECOND, FIRST, SECOND):
            world.use(provider_id, document_model=f"model {provider_id}")
            await review_vector_spaces_task()
        return await work_off(), await statuses()

    ran, known = world.run(scenario)
    assert sum(result["success"] for _, result in ran) == 5
    assert known == {2: "active", 1: "retired", 3: "failed"}


def test_build_is_not_taken_for_stalled_while_its_index_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 3)
    monkeypatch.setattr(building, "_SEEN_EVERY", 0.01)

    async def takes_long(space_id: int, memory_mb: int) -> None:
        async with transaction() as tx:
            await tx.execute(text("UPDATE vector_spaces SET moved_at = now() - interval '1 hour'"))
        async with asyncio.timeout(20):
            moved_at = datetime.min.replace(tzinfo=UTC)
            while moved_at < datetime.now(UTC) - STALLED_AFTER:
                moved_at = (await spaces())[1].moved_at
                await asyncio.sleep(0.01)
        await review_vector_spaces_task()
        await index_filled(space_id, memory_mb)

    monkeypatch.setattr(building, "index_filled", takes_long)

    async def scenario() -> tuple[list[Any], dict[int, str]]:
        await review_vector_spaces_task()
        await work_off()
        await start_reindex(StartReindex(run_id=uuid4()))
        return await work_off(), await statuses()

    ran, known = world.run(scenario)
    assert [name for name, _ in ran] == [BuildVectorSpace.actor_name]
    assert known == {2: "active", 1: "retired"}


def test_reindex_is_begun_once_reports_and_takes_over(world: World) -> None:
    fill(world)

    async def scenario() -> tuple[list[Any], list[Any], Any, dict[int, str]]:
        query = StartReindex(run_id=uuid4())
        world_agent, world.agent = world.agent, None
        with pytest.raises(QueryError, match="No embedder is active"):
            await start_reindex(query)
        world.agent = world_agent
        await review_vector_spaces_task()
        await work_off()
        begun = [(await start_reindex(query)).status for _ in range(2)]
        with pytest.raises(QueryError) as caught:
            await start_reindex(StartReindex(run_id=uuid4()))
        assert caught.value.code == "conflict"
        ran = await work_off()
        return begun, ran, await reindex_state(GetReindex(run_id=query.run_id)), await statuses()

    begun, ran, record, known = world.run(scenario)
    assert begun == ["pending", "pending"]
    assert ran == [(BuildVectorSpace.actor_name, {"success": 252, "failed": 0, "skipped": 0})]
    assert (record.status, record.space.status, record.space.embedded) == ("completed", "active", 252)
    assert known == {2: "active", 1: "retired"}


def test_reindex_that_nobody_began_is_not_found(world: World) -> None:
    async def scenario() -> str:
        with pytest.raises(QueryError) as caught:
            await reindex_state(GetReindex(run_id=UUID(int=404)))
        return caught.value.code

    assert world.run(scenario) == "not_found"


def test_space_is_removed_when_the_one_after_its_successor_takes_over(world: World) -> None:
    fill(world, 3)

    async def scenario() -> tuple[dict[int, str], list[str]]:
        await review_vector_spaces_task()
        await work_off()
        for _ in range(2):
            await start_reindex(StartReindex(run_id=uuid4()))
            await work_off()
        await review_vector_spaces_task()
        async with transaction() as tx:
            tables = await tx.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relname LIKE '%vectors_1' AND relkind = 'r'"
                    " AND relnamespace = 'embedding'::regnamespace"
                )
            )
            return await statuses(), [row.relname for row in tables]

    known, tables = world.run(scenario)
    assert known == {3: "active", 2: "retired"}
    assert tables == []


def test_vectors_that_no_index_takes_are_refused_with_a_sentence(world: World) -> None:
    world.llm.dimension = 4001

    async def scenario() -> tuple[dict[int, str], str | None, SearchPage]:
        await review_vector_spaces_task()
        await work_off()
        return await statuses(), (await spaces())[0].failure, await find()

    known, failure, page = world.run(scenario)
    assert known == {1: "failed"}
    assert failure == "Vectors of 4001 numbers cannot be searched; the longest have 4000."
    assert page.degraded is not None


def test_index_of_neighbours_is_used_by_searches_of_a_space_that_was_built(world: World) -> None:
    fill(world)

    async def scenario() -> list[str]:
        await review_vector_spaces_task()
        await work_off()
        await start_reindex(StartReindex(run_id=uuid4()))
        await work_off()
        async with transaction() as tx:
            indexes = await tx.execute(
                text(
                    "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indisvalid"
                    " AND indrelid = 'message_vectors_2'::regclass ORDER BY 1"
                )
            )
            return [row.name for row in indexes]

    assert world.run(scenario) == [
        "message_vectors_2_by_author",
        "message_vectors_2_by_chat",
        "message_vectors_2_by_time",
        "message_vectors_2_near",
        "message_vectors_2_pkey",
    ]
