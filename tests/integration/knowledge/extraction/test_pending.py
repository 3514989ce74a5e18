"""Messages on their way to an extraction: taken in, waiting, claimed by the threshold, let go."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.knowledge.queries import knowledge_stats
from shared.contracts.atoms import CheckCitations
from shared.contracts.extraction import ConsiderMessages, ExtractKnowledge, GetKnowledgeStats, PendingState
from shared.telemetry import start_run
from tests.integration.knowledge.extraction.looking import rows, sent, states, value
from tests.integration.knowledge.extraction.stage import Stage, do, eventually, review
from tests.integration.knowledge.extraction.world import AGENT_ID

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def fill(stage: Stage, count: int, *, first: int = 1, **said: Any) -> None:
    for number in range(first, first + count):
        stage.world.say(number, f"Повідомлення {number} про чергу", **said)


async def pending() -> PendingState:
    return (await knowledge_stats(GetKnowledgeStats())).pending


async def claims() -> list[list[int]]:
    return [list(command.message_ids) for command, _ in await sent(ExtractKnowledge)]  # type: ignore[attr-defined]


def test_second_delivery_leaves_the_same_rows(stage: Stage) -> None:
    fill(stage, 5)

    async def scenario() -> tuple[list[Any], list[Any]]:
        await do(stage.world.considered())
        first = await rows("SELECT * FROM knowledge.pending_messages ORDER BY message_id")
        await do(stage.world.considered())
        return first, await rows("SELECT * FROM knowledge.pending_messages ORDER BY message_id")

    first, second = stage.run(scenario)
    assert len(first) == 5
    assert first == second


def test_ids_alone_suffice_and_what_has_no_score_yet_is_left_out(stage: Stage) -> None:
    fill(stage, 8)
    del stage.world.classes[3]

    async def scenario() -> dict[str, int]:
        await do(ConsiderMessages(message_ids=[*range(1, 9), 404]))
        return await states()

    assert stage.run(scenario) == {"waiting": 7}


def test_nine_wait_and_the_tenth_sets_an_extraction_off(stage: Stage) -> None:
    fill(stage, 10)

    async def scenario() -> tuple[list[Any], list[Any], dict[str, int], Any]:
        await do(stage.world.considered(range(1, 10)))
        nine = await claims()
        await do(stage.world.considered([10]))
        run = await rows("SELECT id, status, trigger, messages, agent_id FROM knowledge.extraction_runs")
        return nine, await sent(ExtractKnowledge), await states(), run

    nine, ((command, headers),), found, ((run_id, *run),) = stage.run(scenario)
    assert nine == []
    assert found == {"claimed": 10}
    assert run == ["pending", "threshold", 10, AGENT_ID]
    assert (command.extraction_id, command.agent_config_id) == (run_id, AGENT_ID)
    assert command.message_ids == list(range(1, 11))
    assert UUID(headers["baggage"].removeprefix("run_id=")) == run_id


def test_noise_and_what_has_no_text_never_wait(stage: Stage) -> None:
    fill(stage, 12, message_class="noise")
    stage.world.say(20, "")
    fill(stage, 9, first=30)

    async def scenario() -> tuple[dict[str, int], list[Any]]:
        await do(stage.world.considered())
        return await states(), await claims()

    assert stage.run(scenario) == ({"ignored": 13, "waiting": 9}, [])


def test_older_messages_than_the_look_back_wait_for_a_person(stage: Stage) -> None:
    fill(stage, 9)
    fill(stage, 20, first=100, minutes_ago=25 * 60)

    async def scenario() -> tuple[list[Any], PendingState]:
        await do(stage.world.considered())
        return await claims(), await pending()

    claimed, state = stage.run(scenario)
    assert claimed == []
    assert (state.waiting, state.threshold, state.paused) == (9, 10, None)


def test_what_became_noise_leaves_and_what_became_a_signal_joins(stage: Stage) -> None:
    fill(stage, 3)

    async def scenario() -> list[Any]:
        await do(stage.world.considered())
        stage.world.classes |= {1: "noise"}
        await do(stage.world.considered())
        left = await states()
        stage.world.classes |= {1: "weak_signal"}
        await do(stage.world.considered())
        return [left, await states()]

    assert stage.run(scenario) == [{"waiting": 2, "ignored": 1}, {"waiting": 3}]


@pytest.mark.parametrize("newest_first", [True, False])
def test_newest_text_counts_in_whatever_order_texts_come(stage: Stage, newest_first: bool) -> None:  # noqa: FBT001
    stage.world.say(1, "ок", message_class="noise")
    old = stage.world.considered([1])
    stage.world.say(1, "Вирішили: черга переїжджає", edited=datetime.now(UTC))
    new = stage.world.considered([1])

    async def scenario() -> dict[str, int]:
        for command in (new, old) if newest_first else (old, new):
            await do(command)
        return await states()

    assert stage.run(scenario) == {"waiting": 1}


def test_without_an_agent_nothing_is_claimed_until_the_review_finds_one(stage: Stage) -> None:
    fill(stage, 11)
    stage.world.agent = None

    async def scenario() -> tuple[list[Any], str | None, list[Any]]:
        await do(stage.world.considered())
        before, why = await claims(), (await pending()).paused
        stage.world.extracts()
        await review()
        return before, why, await claims()

    before, why, after = stage.run(scenario)
    assert before == []
    assert why is not None
    assert "knowledge_extractor" in why
    assert after == [list(range(1, 12))]


def test_messages_are_taken_in_while_analysis_is_away(stage: Stage) -> None:
    fill(stage, 10)
    stage.world.down.add("analysis")

    async def scenario() -> tuple[dict[str, int], str | None, list[Any]]:
        await do(stage.world.considered())
        found, why = await states(), (await pending()).paused
        stage.world.down.clear()
        await review()
        return found, why, await claims()

    found, why, after = stage.run(scenario)
    assert found == {"waiting": 10}
    assert why is not None
    assert "analysis" in why
    assert len(after) == 1


def test_burst_is_taken_as_a_whole_once_it_has_settled(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_SETTLE_SECONDS", "0.3")
    fill(stage, 14)

    async def scenario() -> list[Any]:
        await asyncio.gather(*(do(stage.world.considered([number])) for number in range(1, 15)))
        return await eventually(claims)

    assert stage.run(scenario) == [list(range(1, 15))]


def test_whole_batch_does_not_wait_for_calm(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_SETTLE_SECONDS", "3600")
    fill(stage, 50)

    async def scenario() -> list[Any]:
        await do(stage.world.considered())
        return await claims()

    assert stage.run(scenario) == [list(range(1, 51))]


def test_whole_conversations_come_first_and_the_one_that_goes_on_is_left(stage: Stage) -> None:
    fill(stage, 12, chat=1, minutes_ago=300)
    fill(stage, 20, first=100, chat=2, minutes_ago=5)

    async def scenario() -> list[Any]:
        await do(stage.world.considered())
        return await claims()

    first, second = stage.run(scenario)
    assert first == list(range(1, 13))
    assert second == list(range(100, 120))


def test_no_more_extractions_are_open_at_once_than_allowed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_OPEN_EXTRACTIONS", "2")
    for chat in range(1, 5):
        fill(stage, 40, first=100 * chat, chat=chat)

    async def scenario() -> tuple[list[Any], dict[str, int]]:
        await do(stage.world.considered())
        return await claims(), await states()

    claimed, found = stage.run(scenario)
    assert [len(each) for each in claimed] == [40, 40]
    assert found == {"claimed": 80, "waiting": 80}


def test_extraction_names_the_messages_that_filled_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(stage, 10)
    linked: list[list[str]] = []

    def noting(name: str, run_id: UUID, *, links: list[str], lasting: bool) -> Any:
        linked.append(list(links))
        return start_run(name, run_id, lasting=lasting)

    monkeypatch.setattr("services.knowledge.threshold.start_run", noting)
    traces = {number: f"00-{number:032x}-{number:016x}-01" for number in range(1, 11)}

    async def scenario() -> None:
        for number, trace in traces.items():
            await do(stage.world.considered([number], trace))

    stage.run(scenario)
    assert [sorted(each) for each in linked] == [sorted(traces.values())]


def test_edit_of_a_message_that_nobody_quotes_checks_nothing(stage: Stage) -> None:
    fill(stage, 1)

    async def scenario() -> list[Any]:
        await do(stage.world.considered())
        stage.world.say(1, "Інший текст", edited=LATER)
        await do(stage.world.considered())
        return [
            await sent(CheckCitations),
            await value("SELECT content_hash FROM knowledge.pending_messages"),
        ]

    checks, content_hash = stage.run(scenario)
    assert checks == []
    assert content_hash == stage.world.messages[1].content_hash


def test_sent_time_of_the_newest_text_is_kept(stage: Stage) -> None:
    message = stage.world.say(1, "Черга стоїть")
    command = stage.world.considered()
    moved = msgspec.structs.replace(
        command,
        messages=[
            msgspec.structs.replace(each, written_at=each.written_at + timedelta(hours=1))
            for each in command.messages or ()
        ],
    )

    async def scenario() -> tuple[Any, ...]:
        await do(moved)
        await do(command)
        return (await rows("SELECT sent_at, written_at FROM knowledge.pending_messages"))[0]

    assert stage.run(scenario) == (message.sent_at, message.sent_at + timedelta(hours=1))
