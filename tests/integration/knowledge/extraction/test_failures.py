"""Whatever a provider does: the run ends, nothing invented is saved, cost is bounded, no message is stuck."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.errors import QueryError
from shared.contracts.extraction import ExtractKnowledge
from shared.llm.resolving import stop_listening
from tests.fakes.llm import Breaks, Fails, Garbage, Hangs, Reaction, Refuses, Says, rate_limited, wrong_key
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import events, rows, sent, states
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent, review
from tests.integration.knowledge.extraction.talk import TALK, extracted, extractions, pending, saved, say
from tests.integration.knowledge.extraction.world import API_KEY

BROKEN = Says('{"topics": [], "atoms": [{"type": "prob')


@pytest.mark.parametrize(
    ("reaction", "failures", "most_requests"),
    [
        (BROKEN, 1, 2),
        (Says("Sorry, here is the JSON you wanted: {}"), 1, 2),
        (Says("{}", finish_reason="length"), 1, 1),
        (Refuses(), 1, 1),
        (Fails(500), 0, 4),
        (rate_limited(0), 0, 4),
        (rate_limited(3600), 0, 4),
        (Breaks(), 0, 4),
        (Garbage(), 0, 4),
        (Hangs(), 0, 4),
        (wrong_key(API_KEY), 0, 1),
        (Fails(404, "The model does not exist.", "model_not_found"), 0, 1),
    ],
    ids=repr,
)
def test_run_fails_its_messages_wait_again_and_nothing_is_saved(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, reaction: Reaction, failures: int, most_requests: int
) -> None:
    monkeypatch.setenv("TT_PROVIDER_TRIES", "1")
    stage.world.extracts(provider={"timeout_seconds": 1.0})
    say(stage)
    stage.llm.chat.always(reaction)

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        counts = await rows("SELECT DISTINCT state, failures FROM knowledge.pending_messages")
        return await extractions(), counts, await saved(), await pending(), await sent(ExtractKnowledge)

    (run,), counts, number, state, further = stage.run(scenario)
    assert run.status == "failed"
    assert run.failure
    assert API_KEY not in run.failure
    assert counts == [("waiting", failures)]
    assert number == 0
    assert (state.waiting, state.claimed) == (10, 0)
    assert state.paused is not None
    assert run.failure in state.paused
    assert further == []
    assert 1 <= len(stage.llm.chat.requests) <= most_requests


def test_failure_is_told(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(wrong_key())

    async def scenario() -> list[Any]:
        await do(stage.world.considered())
        ((command, _),) = await sent(ExtractKnowledge)
        await do(command)
        return await events("knowledge.extraction_failed")

    (told,) = stage.run(scenario)
    assert told["extraction"]["status"] == "failed"


def test_pause_ends_when_the_provider_is_changed(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.then(wrong_key())
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        await review()
        paused = [await sent(ExtractKnowledge), (await pending()).paused]
        stage.world.extracts(provider={"updated_at": datetime.now(UTC)})
        await stop_listening()  # forgets what was resolved, as the event of the change does
        await review()
        await do_sent()
        return paused, [run.status for run in await extractions()], await states()

    (further, why), statuses, waiting = stage.run(scenario)
    assert further == []
    assert why is not None
    assert statuses == ["completed", "failed"]
    assert waiting == {"done": 10}


def test_pause_ends_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_PAUSE_MINUTES", "0")
    say(stage)
    stage.llm.chat.then(wrong_key())
    stage.llm.chat.always(answering())

    async def scenario() -> list[str]:
        await extracted(stage)
        await do_sent()
        return [run.status for run in await extractions()]

    assert stage.run(scenario) == ["completed", "failed"]


def test_messages_that_failed_three_times_are_set_aside_with_the_reason_and_cost_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_PAUSE_MINUTES", "0")
    say(stage)
    stage.llm.chat.always(BROKEN)

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        for _ in range(5):
            await review()
            await do_sent()
        return await extractions(), await states(), await pending()

    runs, waiting, state = stage.run(scenario)
    assert [run.status for run in runs] == ["failed"] * 3
    assert waiting == {"set_aside": 10}
    assert (state.waiting, state.set_aside) == (0, 10)
    assert state.set_aside_messages[0].failures == 3
    assert "does not fit" in state.set_aside_messages[0].reason
    assert len(stage.llm.chat.requests) == 6


def test_text_that_changed_is_given_another_chance(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_MOST_FAILURES", "1")
    say(stage)
    stage.llm.chat.always(BROKEN)

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        before = await states()
        stage.world.say(4, "Тепер інакше", edited=datetime.now(UTC))
        await do(stage.world.considered())
        return (
            before,
            await states(),
            await rows("SELECT failures, reason FROM knowledge.pending_messages WHERE message_id = 4"),
        )

    before, after, left = stage.run(scenario)
    assert before == {"set_aside": 10}
    assert after == {"set_aside": 9, "waiting": 1}
    assert left == [(0, None)]


def test_one_bad_conversation_stops_no_other(stage: Stage) -> None:
    say(stage, *TALK[:5], chat=1, minutes_ago=400)
    say(stage, *TALK[5:], first=20, chat=2, minutes_ago=200)
    stage.llm.chat.then(BROKEN, BROKEN)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        left = await rows("SELECT state, failures, count(*) FROM knowledge.pending_messages GROUP BY 1, 2")
        return await extractions(), sorted(left), (await pending()).paused

    (run,), left, paused = stage.run(scenario)
    assert (run.status, run.atoms_created, paused) == ("completed", 5, None)
    assert left == [("done", 0, 5), ("waiting", 1, 5)]


def test_provider_that_is_away_for_a_moment_is_waited_for(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.then(Fails(503), Fails(503), Fails(503))
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        return await extractions(), await states()

    (run,), waiting = stage.run(scenario)
    assert (run.status, waiting) == ("completed", {"done": 10})


def test_agent_that_is_gone_fails_the_run_and_says_what_to_do(stage: Stage) -> None:
    say(stage)

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        stage.world.agent = None
        await stop_listening()
        await do_sent()
        return await extractions(), await states()

    (run,), waiting = stage.run(scenario)
    assert run.status == "failed"
    assert "active" in (run.failure or "")
    assert waiting == {"waiting": 10}


def test_extraction_waits_while_ingestion_is_away(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        stage.world.down.add("ingestion")
        with pytest.raises(QueryError) as caught:
            await do_sent()
        held = await states()
        stage.world.down.clear()
        await do_sent()
        return caught.value.code, held, await states()

    assert stage.run(scenario) == ("unavailable", {"claimed": 10}, {"done": 10})
