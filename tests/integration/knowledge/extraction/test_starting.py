"""Extractions that a person asks for: by ids, by chat, by period, again; and what is said about it all."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.knowledge.queries import (
    find_extraction,
    knowledge_stats,
    knowledge_texts,
    page_of_extractions,
    start_extraction,
)
from shared.contracts.errors import ErrorBody, QueryError
from shared.contracts.extraction import (
    ExtractKnowledge,
    GetExtraction,
    GetKnowledgeStats,
    ListExtractions,
    StartExtraction,
)
from shared.contracts.knowledge import GetKnowledgeTexts
from shared.llm.resolving import stop_listening
from shared.telemetry import start_run
from tests.fakes.llm import wrong_key
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import rows, sent, states
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent
from tests.integration.knowledge.extraction.talk import TALK, atoms, extracted, extractions, say
from tests.integration.knowledge.extraction.world import AGENT_ID

OLD = 40 * 24 * 60
RUN = UUID(int=77)


def asked(**selection: Any) -> StartExtraction:
    return StartExtraction(run_id=selection.pop("run_id", RUN), started_by="Олена", **selection)


async def refusal(asking: Awaitable[Any]) -> ErrorBody:
    with pytest.raises(QueryError) as caught:
        await asking
    return caught.value.body


def test_chat_is_extracted_by_hand_however_old_it_is(stage: Stage) -> None:
    say(stage, chat=1, minutes_ago=OLD)
    say(stage, *TALK[:3], first=50, chat=2, minutes_ago=OLD)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        started = await start_extraction(asked(chat_ids=[1]))
        commands = await sent(ExtractKnowledge)
        await do_sent()
        return started, commands, await find_extraction(GetExtraction(extraction_id=RUN)), await atoms()

    (started,), ((command, headers),), run, found = stage.run(scenario)
    assert (started.id, started.status, started.trigger, started.messages) == (RUN, "pending", "manual", 10)
    assert started.started_by == "Олена"
    assert command.extraction_id == RUN
    assert headers["baggage"] == f"run_id={RUN}"
    assert (run.status, run.agent_id) == ("completed", AGENT_ID)
    assert [each.citations[0].chat_id for each in found] == [1] * 10


def test_command_stays_in_the_chain_of_the_request_when_that_is_its_own(stage: Stage) -> None:
    say(stage)

    async def scenario() -> tuple[Any, ...]:
        with start_run("POST /knowledge/extractions", RUN):
            await start_extraction(asked(chat_ids=[1]))
        return await sent(ExtractKnowledge)  # type: ignore[return-value]

    ((_, headers),) = stage.run(scenario)
    assert headers["baggage"] == f"run_id={RUN}"


def test_asking_twice_with_one_id_starts_nothing_more(stage: Stage) -> None:
    say(stage)

    async def scenario() -> tuple[Any, ...]:
        first = await start_extraction(asked(message_ids=[1, 2, 3]))
        second = await start_extraction(asked(message_ids=[4, 5, 6]))
        return first, second, len(await sent(ExtractKnowledge)), await states()

    first, second, commands, waiting = stage.run(scenario)
    assert first == second
    assert commands == 1
    assert waiting == {"claimed": 3}


def test_many_are_extracted_in_batches_of_whole_conversations(stage: Stage) -> None:
    for hour in range(4):
        words = (f"Думка {number}" for number in range(30))
        say(stage, *words, first=100 * hour + 1, minutes_ago=OLD - 120 * hour)

    async def scenario() -> tuple[Any, ...]:
        first = await start_extraction(asked(chat_ids=[1]))
        again = await start_extraction(asked(chat_ids=[1]))
        claimed = [command.message_ids for command, _ in await sent(ExtractKnowledge)]  # type: ignore[attr-defined]
        return first, again, claimed

    first, again, claimed = stage.run(scenario)
    assert [each.messages for each in first] == [30, 30, 30, 30]
    assert first[0].id == RUN
    assert len({each.id for each in first}) == 4
    assert [each.id for each in again] == [each.id for each in first]
    assert claimed == [[100 * hour + number for number in range(1, 31)] for hour in range(4)]


def test_period_selects_from_since_until_before_until(stage: Stage) -> None:
    say(stage)
    times = [stage.world.messages[number].sent_at for number in range(1, 11)]

    async def scenario() -> list[Any]:
        await start_extraction(asked(since=times[2], until=times[6]))
        return await rows(
            "SELECT message_id FROM knowledge.pending_messages WHERE state = 'claimed' ORDER BY 1"
        )

    assert stage.run(scenario) == [(3,), (4,), (5,), (6,)]


def test_ids_are_narrowed_by_chat_and_period(stage: Stage) -> None:
    say(stage, chat=1)
    say(stage, *TALK[:3], first=50, chat=2)

    async def scenario() -> list[Any]:
        await start_extraction(
            asked(message_ids=[1, 2, 50, 51], chat_ids=[2], since=stage.world.messages[51].sent_at)
        )
        return await rows("SELECT message_id FROM knowledge.pending_messages WHERE state = 'claimed'")

    assert stage.run(scenario) == [(51,)]


def test_what_was_extracted_or_is_being_extracted_is_left_out_unless_asked_for_again(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        say(stage, *TALK[:3], first=50, minutes_ago=300)
        await start_extraction(asked(message_ids=[50]))
        body = await refusal(start_extraction(asked(run_id=uuid4(), message_ids=[1, 2, 50])))
        (fresh,) = await start_extraction(asked(run_id=uuid4(), message_ids=[1, 2, 51]))
        (again,) = await start_extraction(asked(run_id=uuid4(), message_ids=[1, 2, 52], again=True))
        return body, fresh.messages, again.messages

    body, fresh, again = stage.run(scenario)
    assert (body.code, body.field) == ("invalid", "message_ids")
    assert "2 extracted already" in body.message
    assert "1 in another extraction" in body.message
    assert (fresh, again) == (1, 3)


def test_extraction_again_that_fails_leaves_what_was_done_done(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        stage.world.extracts(model="another-model")
        await stop_listening()  # forgets what was resolved
        stage.llm.chat.always(wrong_key())
        await start_extraction(asked(message_ids=list(range(1, 11)), again=True))
        await do_sent()
        return await states(), (await extractions())[0].status

    assert stage.run(scenario) == ({"done": 10}, "failed")


@pytest.mark.parametrize(
    ("selection", "code", "field", "said"),
    [
        ({}, "invalid", "message_ids", "Say which messages"),
        ({"message_ids": [404]}, "invalid", "message_ids", "there are none"),
        ({"chat_ids": [9]}, "invalid", "message_ids", "10 noise, 1 without text"),
        ({"agent_id": UUID(int=5), "chat_ids": [1]}, "invalid", "agent_id", "no agent"),
    ],
)
def test_what_makes_no_sense_is_refused(
    stage: Stage, selection: dict[str, Any], code: str, field: str, said: str
) -> None:
    say(stage)
    say(stage, first=100, chat=9, message_class="noise")
    stage.world.say(120, "", chat=9)

    async def scenario() -> tuple[Any, ...]:
        return await refusal(start_extraction(asked(**selection))), await extractions()

    body, runs = stage.run(scenario)
    assert (body.code, body.field) == (code, field)
    assert said in body.message
    assert runs == []


def test_without_an_agent_a_person_is_told_so(stage: Stage) -> None:
    say(stage)
    stage.world.agent = None

    async def scenario() -> ErrorBody:
        return await refusal(start_extraction(asked(chat_ids=[1])))

    body = stage.run(scenario)
    assert body.code == "conflict"
    assert "knowledge_extractor" in body.message


def test_period_that_ends_before_it_begins_is_refused(stage: Stage) -> None:
    async def scenario() -> ErrorBody:
        now = stage.world.now
        return await refusal(start_extraction(asked(since=now, until=now - timedelta(hours=1))))

    assert stage.run(scenario).field == "until"


def test_too_much_at_once_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.knowledge.selecting.MOST_MESSAGES", 20)
    say(stage, *(f"Думка {number}" for number in range(25)))

    async def scenario() -> ErrorBody:
        return await refusal(start_extraction(asked(chat_ids=[1])))

    assert "20 messages" in stage.run(scenario).message


def test_extractions_are_listed_newest_first_in_pages(stage: Stage) -> None:
    say(stage)

    async def scenario() -> tuple[list[Any], list[Any]]:
        made = []
        for number in range(1, 6):
            (run,) = await start_extraction(asked(run_id=uuid4(), message_ids=[number]))
            made.append(run.id)
        found: list[Any] = []
        cursor = None
        while True:
            page = await page_of_extractions(ListExtractions(status="pending", limit=2, cursor=cursor))
            found += [run.id for run in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return made, found

    made, found = stage.run(scenario)
    assert found == made[::-1]


def test_stats_count_what_there_is_and_what_waits(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> Any:
        await extracted(stage)
        say(stage, *TALK[:3], first=50, chat=2)
        await do(stage.world.considered([50, 51, 52]))
        return await knowledge_stats(GetKnowledgeStats())

    stats = stage.run(scenario)
    assert stats.topics == {"needs_review": 0, "approved": 1, "rejected": 0}
    assert stats.atoms == {"needs_review": 10, "approved": 0, "rejected": 0}
    assert stats.atom_types["insight"] == 10
    assert len(stats.atom_types) == 7
    assert (stats.pending.waiting, stats.pending.claimed, stats.pending.threshold) == (3, 0, 10)
    assert [(chat.chat_id, chat.waiting) for chat in stats.pending.chats] == [(2, 3)]


def test_texts_are_paged_and_found_by_id(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        found: list[Any] = []
        after: int | None = 0
        while after is not None:
            page = await knowledge_texts(GetKnowledgeTexts(entity="atom", after_id=after, limit=3))
            found += page.items
            after = page.next_after_id
        by_id = await knowledge_texts(GetKnowledgeTexts(entity="atom", ids=[found[2].id, 404, found[0].id]))
        return found, by_id, await knowledge_texts(GetKnowledgeTexts(entity="topic"))

    found, by_id, of_topics = stage.run(scenario)
    assert [each.text for each in found] == list(TALK)
    first = found[0]
    assert (first.title, first.atom_type, first.status, first.hidden) == (
        TALK[0],
        "insight",
        "needs_review",
        False,
    )
    assert (first.chat_ids, first.author_ids) == ([1], [2])
    assert first.at == stage.world.messages[1].sent_at
    assert first.topic_ids == [of_topics.items[0].id]
    assert len({each.content_hash for each in found}) == 10
    assert [each.id for each in by_id.items] == [found[0].id, found[2].id]
    assert by_id.next_after_id is None
    assert (of_topics.items[0].title, of_topics.items[0].text) == ("Черга обробника", "Як працює черга.")
    assert of_topics.items[0].chat_ids == [1]


def test_what_became_noise_after_its_extraction_is_not_sent_again(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        stage.world.classes[4] = "noise"
        await do(stage.world.considered([4]))
        stage.world.extracts(model="better-model")
        await stop_listening()
        await start_extraction(asked(chat_ids=[1], again=True))
        await do_sent()
        return (await extractions())[0], await states()

    run, waiting = stage.run(scenario)
    assert (run.messages, run.status, waiting) == (9, "completed", {"done": 10})
    said = [line["text"] for line in stage.llm.chat.requests[-1].data["lines"]]
    assert said == [words for words in TALK if words != TALK[3]]
