"""An extraction from the threshold to topics and atoms with their quotes."""

from typing import Any

import pytest

from shared.contracts.atoms import AtomRecord
from shared.contracts.embedding import EmbedAtomsBatch, EmbedTopicsBatch
from shared.contracts.extraction import ExtractKnowledge
from shared.service import FinalFailure
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import events, rows, sent, states, value
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent
from tests.integration.knowledge.extraction.talk import TALK, atoms, extracted, extractions, say, topics
from tests.integration.knowledge.extraction.world import AGENT_ID, PROVIDER_ID


def test_conversation_becomes_a_topic_and_atoms_with_their_quotes(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        return await extractions(), await topics(), await atoms(), await states()

    (run,), (only,), found, waiting = stage.run(scenario)
    assert (run.status, run.trigger, run.messages, run.failure) == ("completed", "threshold", 10, None)
    assert (run.topics_created, run.atoms_created, run.atoms_dropped) == (1, 10, 0)
    assert (run.agent_id, run.agent_name, run.provider_name) == (AGENT_ID, "Екстрактор", "Fake")
    assert (run.model, run.prompt, run.basic_mode) == ("chat-model", "extract_knowledge/1/uk", False)
    assert (run.calls, run.cached_calls) == (1, 0)
    assert run.input_tokens > 0
    assert run.cost > 0
    assert (only.name, only.status, only.atoms, only.messages) == ("Черга обробника", "approved", 10, 10)
    assert [each.citations[0].quote for each in found] == list(TALK)
    assert {each.status for each in found} == {"needs_review"}
    assert {each.topics[0].id for each in found} == {only.id}
    assert {each.run_id for each in found} == {run.id}
    assert waiting == {"done": 10}


def test_what_follows_is_told_and_embedded(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        ((command, _),) = await sent(ExtractKnowledge)
        await do(command)
        told = {name: await events(f"knowledge.{name}") for name in ("extraction_started", "entity_changed")}
        embed = [await sent(EmbedAtomsBatch), await sent(EmbedTopicsBatch)]
        return (
            told,
            await events("knowledge.extraction_completed"),
            embed,
            [each.id for each in await atoms()],
        )

    told, (completed,), (embed_atoms, embed_topics), atom_ids = stage.run(scenario)
    assert len(told["extraction_started"]) == 1
    assert {(each["entity"], each["change"]) for each in told["entity_changed"]} == {
        ("topic", "created"),
        ("atom", "created"),
    }
    assert completed["extraction"]["status"] == "completed"
    assert [each["name"] for each in completed["topics"]] == ["Черга обробника"]
    assert completed["atom_ids"] == atom_ids
    assert [command.atom_ids for command, _ in embed_atoms] == [atom_ids]
    assert len(embed_topics) == 1


def test_model_is_asked_of_each_conversation_with_what_is_known(stage: Stage) -> None:
    say(stage, *TALK[:6], chat=1, minutes_ago=300)
    say(stage, *TALK[6:], first=20, chat=2, minutes_ago=200)
    stage.world.messages[3] = stage.world.say(3, TALK[2], chat=1, minutes_ago=300, reply_to=1)
    stage.llm.chat.always(answering())

    async def scenario() -> None:
        await extracted(stage)

    stage.run(scenario)
    first, second = [each.data for each in stage.llm.chat.requests if each.task == "extract_knowledge"]
    assert [line["text"] for line in first["lines"]] == list(TALK[:6])
    assert [line["number"] for line in first["lines"]] == [1, 2, 3, 4, 5, 6]
    assert (first["chat"], second["chat"]) == ("Чат 1", "Чат 2")
    assert first["lines"][2]["reply_to"] == 1
    assert first["lines"][0]["author"] == "Тарас"
    assert "known_topics" not in first or first["known_topics"] == []
    assert second["known_topics"] == ["Черга обробника"]


def test_threads_of_a_chat_are_asked_about_apart(stage: Stage) -> None:
    for number, words in enumerate(TALK, start=1):
        stage.world.say(number, words, thread=(None, 5, 7)[number % 3])
    stage.llm.chat.always(answering())

    async def scenario() -> dict[str, int]:
        await extracted(stage)
        return await states()

    assert stage.run(scenario) == {"done": 10}
    asked = [each.data["lines"] for each in stage.llm.chat.requests if each.task == "extract_knowledge"]
    assert sorted([TALK.index(line["text"]) + 1 for line in each] for each in asked) == [
        [1, 4, 7, 10],
        [2, 5, 8],
        [3, 6, 9],
    ]


def test_command_for_an_extraction_that_is_not_there_ends_without_another_try(stage: Stage) -> None:
    async def scenario() -> None:
        with pytest.raises(FinalFailure, match="no extraction"):
            await do(ExtractKnowledge(message_ids=[1], extraction_id=AGENT_ID))

    stage.run(scenario)


def test_noise_is_never_sent(stage: Stage) -> None:
    say(stage)
    stage.world.say(50, "ахаха", message_class="noise")
    stage.world.say(51, "Черга знову стоїть")
    stage.llm.chat.always(answering())

    async def scenario() -> None:
        await extracted(stage)

    stage.run(scenario)
    (request,) = stage.llm.chat.requests
    assert "ахаха" not in str(request.body)
    assert "Черга знову стоїть" in str(request.body)


def test_conversation_that_goes_on_is_continued_with_its_context(stage: Stage) -> None:
    say(stage, minutes_ago=20)
    stage.llm.chat.always(answering())

    async def scenario() -> list[AtomRecord]:
        await extracted(stage)
        say(stage, *(f"Нове спостереження {number}" for number in range(10)), first=20, minutes_ago=18)
        await extracted(stage)
        return await atoms()

    found = stage.run(scenario)
    _, second = [each.data for each in stage.llm.chat.requests if each.task == "extract_knowledge"]
    assert [line["text"] for line in second["lines"] if line["context"]] == list(TALK)
    assert len(found) == 20
    assert [each.citations[0].message_id for each in found] == [*range(1, 11), *range(20, 30)]


def test_long_conversation_is_asked_about_in_parts(stage: Stage, monkeypatch: Any) -> None:
    monkeypatch.setenv("TT_CONVERSATION_CHARACTERS", "1000")
    say(stage, *(f"{number}: {'довга думка про чергу ' * 18}" for number in range(10)))
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        return await extractions(), len(await atoms())

    (run,), count = stage.run(scenario)
    asked = [each.data for each in stage.llm.chat.requests if each.task == "extract_knowledge"]
    assert [sum(not line["context"] for line in each["lines"]) for each in asked] == [2, 2, 2, 2, 2]
    assert [sum(line["context"] for line in each["lines"]) for each in asked] == [0, 2, 4, 6, 8]
    assert (run.status, count) == ("completed", 10)


def test_message_that_is_gone_is_set_aside_and_stops_no_other(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        del stage.world.messages[4]
        await do_sent()
        return await extractions(), await states(), len(await atoms())

    (run,), waiting, count = stage.run(scenario)
    assert run.status == "completed"
    assert waiting == {"done": 9, "set_aside": 1}
    assert count == 9


def test_command_without_an_extraction_makes_one_of_what_is_free(stage: Stage) -> None:
    say(stage, *TALK[:4])
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered([1, 2]))
        result = await do(ExtractKnowledge(message_ids=[1, 2, 3, 404]))
        return result, await extractions(), await states()

    result, (run,), waiting = stage.run(scenario)
    assert result == {"topics": 1, "atoms": 3}
    assert (run.status, run.trigger, run.messages) == ("completed", "manual", 3)
    assert waiting == {"done": 3}


def test_run_is_accounted_to_its_own_chain(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        await do_sent()
        found = await rows("SELECT headers FROM outbox WHERE subject LIKE '%extraction_completed'")
        return (
            found,
            await value("SELECT id FROM knowledge.extraction_runs"),
            await value("SELECT provider_id FROM knowledge.extraction_runs"),
        )

    ((headers,),), run_id, provider_id = stage.run(scenario)
    assert headers["baggage"] == f"run_id={run_id}"
    assert provider_id == PROVIDER_ID
