"""Twice or at the same time: nothing is made twice, and nothing is asked twice."""

import asyncio
from typing import Any
from uuid import uuid4

from services.knowledge.extracting import extract
from services.knowledge.queries import start_extraction
from services.knowledge.repository.known import is_there_more, what_is_seen
from services.knowledge.repository.saving import make_topic
from services.knowledge.reviews.topics import create_topic
from shared.contracts.extraction import StartExtraction
from shared.contracts.topics import CreateTopic
from shared.llm.resolving import stop_listening
from shared.messaging.transaction import transaction
from tests.integration.knowledge.extraction.answers import (
    TOPIC,
    answering,
    atom,
    atom_is,
    lines,
    of_these,
    topic,
    topic_is,
)
from tests.integration.knowledge.extraction.looking import rows, states, value
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent
from tests.integration.knowledge.extraction.talk import (
    atoms,
    extracted,
    extractions,
    first_line,
    say,
    topics,
    twice,
)


def test_extractions_at_the_same_time_make_one_topic_and_one_atom(stage: Stage) -> None:
    for chat in range(1, 5):
        say(stage, first=100 * chat, chat=chat)
    stage.llm.chat.always(
        answering(
            first_line(content="Черга стоїть годину."),
            topics=topic_is(TOPIC),
            atoms=atom_is("same", "Черга"),
            after=0.2,
        )
    )

    async def scenario() -> tuple[Any, ...]:
        for chat in range(1, 5):
            await do(stage.world.considered(range(100 * chat, 100 * chat + 10)))
        run_ids = [row[0] for row in await rows("SELECT id FROM knowledge.extraction_runs")]
        await asyncio.gather(*(_run(run_id) for run_id in run_ids))
        return len(run_ids), await topics(), await atoms(), await states()

    runs, found, (only,), waiting = stage.run(scenario)
    assert runs == 4
    assert [each.name for each in found] == [TOPIC]
    assert [each.message_id for each in only.citations] == [100, 200, 300, 400]
    assert waiting == {"done": 40}


async def _run(run_id: Any) -> None:
    await extract(run_id, None)


def test_topics_by_two_names_at_the_same_time_are_seen_by_the_later_one(stage: Stage) -> None:
    """Each finds nothing known; the one that saves second looks again, and finds what the first has made."""
    say(stage, first=100, chat=1)
    say(stage, first=200, chat=2)

    def named(request: Any) -> Any:
        first = lines(request)[0]
        of = TOPIC if request.data["chat"] == "Чат 1" else "Обробник черги"
        return of_these(atom(first, of=of, content=f"Черга: {request.data['chat']}"), topics=[topic(of)])

    stage.llm.chat.always(answering(named, topics=either_is_the_known, after=0.3))

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered(range(100, 110)))
        await do(stage.world.considered(range(200, 210)))
        run_ids = [row[0] for row in await rows("SELECT id FROM knowledge.extraction_runs")]
        await asyncio.gather(*(_run(run_id) for run_id in run_ids))
        return len(run_ids), await topics()

    runs, found = stage.run(scenario)
    assert runs == 2
    assert [each.atoms for each in found] == [2]


def either_is_the_known(request: Any) -> Any:
    return topic_is(request.data["known"][0]["name"])(request)


def test_same_messages_again_add_nothing_and_ask_nothing(stage: Stage) -> None:
    stage.llm.chat.always(answering())

    async def counts() -> list[Any]:
        tables = (
            "topics",
            "atoms",
            "atom_sources",
            "atom_links",
            "topic_versions",
            "atom_versions",
            "merges",
        )
        return [await value(f"SELECT count(*) FROM knowledge.{name}") for name in tables]  # noqa: S608

    async def scenario() -> tuple[Any, ...]:
        await twice(stage)
        before, asked = await counts(), len(stage.llm.chat.requests)
        await start_extraction(
            StartExtraction(run_id=uuid4(), started_by="Олена", message_ids=list(range(1, 11)), again=True)
        )
        await do_sent()
        return before, asked, await counts(), (await extractions())[0], await states()

    before, asked, after, run, waiting = stage.run(scenario)
    assert after == before
    assert len(stage.llm.chat.requests) == asked
    assert (run.status, run.cost, run.atoms_created, run.atoms_merged) == ("completed", 0.0, 0, 0)
    assert run.cached_calls == 1
    assert waiting == {"done": 20}


def test_another_model_asks_anew_and_adds_only_what_is_new(stage: Stage) -> None:
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        say(stage)
        await extracted(stage)
        stage.world.extracts(model="better-model")
        await stop_listening()
        await start_extraction(StartExtraction(run_id=uuid4(), started_by="Олена", chat_ids=[1], again=True))
        await do_sent()
        return (
            (await extractions())[0],
            len(await atoms()),
            await value("SELECT count(*) FROM knowledge.merges"),
        )

    run, count, merges = stage.run(scenario)
    assert (run.model, run.status, run.atoms_created, run.atoms_merged) == ("better-model", "completed", 0, 0)
    assert (count, merges) == (10, 0)
    assert {request.model for request in stage.llm.chat.requests} == {"chat-model", "better-model"}


def test_what_an_extraction_commits_late_is_seen_although_a_person_was_quicker(stage: Stage) -> None:
    async def scenario() -> tuple[bool, bool]:
        async with transaction() as extraction:
            await make_topic(
                extraction,
                name="Повільна",
                icon="📦",
                colour="#000000",
                status="approved",
                confidence=1.0,
                run_id=uuid4(),
            )
            await create_topic(CreateTopic(name="Швидка", by="Олена"))
            async with transaction() as tx:
                seen = await what_is_seen(tx)
        async with transaction() as tx:
            return await is_there_more(tx, seen), await is_there_more(tx, await what_is_seen(tx))

    assert stage.run(scenario) == (True, False)
