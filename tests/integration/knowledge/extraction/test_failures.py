"""Whatever a provider does: the run ends, nothing invented is saved, cost is bounded, no message is stuck."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.knowledge import extracting, models, saving
from services.knowledge.queries import cancel_extraction, knowledge_stats
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import (
    CancelExtraction,
    CheckCitations,
    ExtractKnowledge,
    GetKnowledgeStats,
    PendingState,
)
from shared.llm import Usage
from shared.llm.resolving import stop_listening
from tests.fakes.llm import Breaks, Fails, Garbage, Hangs, Reaction, Refuses, Says, rate_limited, wrong_key
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.stage import (
    API_KEY,
    Stage,
    do,
    do_sent,
    events,
    eventually,
    review,
    rows,
    sent,
    states,
    value,
)
from tests.integration.knowledge.extraction.test_extraction import TALK, atoms, extracted, extractions, say

BROKEN = Says('{"topics": [], "atoms": [{"type": "prob')


async def pending() -> PendingState:
    return (await knowledge_stats(GetKnowledgeStats())).pending


async def saved() -> int:
    return len(await rows("SELECT id FROM knowledge.topics UNION ALL SELECT id FROM knowledge.atoms"))


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


def test_cap_ends_a_run_with_what_was_done_kept_and_the_rest_waits(stage: Stage) -> None:
    for chat in range(5):
        say(
            stage, *TALK[2 * chat : 2 * chat + 2], first=1 + 10 * chat, chat=chat, minutes_ago=500 - 60 * chat
        )
    stage.world.extracts(max_tokens_per_run=6000)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        left = await rows("SELECT state, failures, count(*) FROM knowledge.pending_messages GROUP BY 1, 2")
        further = await sent(ExtractKnowledge)
        return await extractions(), sorted(left), len(await atoms()), further, await pending()

    (run,), left, count, further, state = stage.run(scenario)
    assert (run.status, run.stopped_by, run.failure) == ("completed", "token_cap", None)
    assert 0 < run.input_tokens + run.output_tokens <= 6000
    assert 0 < count < 10
    assert left == [("done", 0, count), ("waiting", 0, 10 - count)]
    assert further == []
    assert state.paused is not None
    assert "token cap" in state.paused


def test_conversation_that_no_run_has_room_for_is_set_aside_in_the_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_PAUSE_MINUTES", "0")
    say(stage)
    stage.world.extracts(max_cost_per_run=0.0)

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        for _ in range(4):
            await review()
            await do_sent()
        return await extractions(), await states()

    runs, waiting = stage.run(scenario)
    assert [(run.status, run.stopped_by) for run in runs] == [("completed", "cost_cap")] * 3
    assert waiting == {"set_aside": 10}
    assert stage.llm.chat.requests == []


def test_resumed_run_goes_on_with_what_it_had_spent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    say(stage)
    stage.llm.chat.always(answering(usage=(1000, 50)))
    opened: list[Usage] = []
    extractor = models.extractor

    async def noting(agent_id: Any, spent: Usage) -> Any:
        opened.append(spent)
        return await extractor(agent_id, spent)

    monkeypatch.setattr("services.knowledge.beginning.extractor", noting)

    async def scenario() -> None:
        with monkeypatch.context() as broken:
            broken.setattr(extracting, "save", _raising(RuntimeError("killed")))
            with pytest.raises(RuntimeError, match="killed"):
                await extracted(stage)
        await do_sent()

    stage.run(scenario)
    assert [usage.input_tokens for usage in opened] == [0, 1000]


def _raising(error: Exception) -> Any:
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_run_that_died_before_it_saved_pays_nothing_twice_and_saves_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(stage, *TALK[:5], chat=1, minutes_ago=400)
    say(stage, *TALK[5:], first=20, chat=2, minutes_ago=200)
    stage.llm.chat.always(answering())
    calls: list[Any] = []

    async def dies_at_the_second(*given: Any, **options: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("killed")
        await saving.save(*given, **options)

    async def scenario() -> tuple[Any, ...]:
        monkeypatch.setattr(extracting, "save", dies_at_the_second)
        with pytest.raises(RuntimeError, match="killed"):
            await extracted(stage)
        half, asked = await states(), len(stage.llm.chat.requests)
        await do_sent()
        return half, asked, await states(), await extractions(), len(await atoms())

    half, asked, whole, (run,), count = stage.run(scenario)
    assert half == {"done": 5, "claimed": 5}
    assert whole == {"done": 10}
    assert len(stage.llm.chat.requests) == asked
    assert (run.status, run.atoms_created, count) == ("completed", 10, 10)
    assert run.cached_calls > 0


def test_cancelled_run_saves_nothing_and_its_messages_wait(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering(after=0.5))

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        run_id = await value("SELECT id FROM knowledge.extraction_runs")
        running = asyncio.create_task(do_sent())
        await eventually(lambda: _length(stage.llm.chat.requests))
        cancelled = await cancel_extraction(CancelExtraction(extraction_id=run_id))
        again = await cancel_extraction(CancelExtraction(extraction_id=run_id))
        await running
        return cancelled, again, await saved(), await states(), await pending()

    cancelled, again, number, waiting, state = stage.run(scenario)
    assert cancelled.status == again.status == "cancelled"
    assert number == 0
    assert waiting == {"waiting": 10}
    assert state.paused is not None
    assert "cancelled" in state.paused


async def _length(found: list[Any]) -> int:
    return len(found)


def test_run_that_has_ended_cannot_be_cancelled(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> QueryError:
        await extracted(stage)
        run_id = await value("SELECT id FROM knowledge.extraction_runs")
        with pytest.raises(QueryError) as caught:
            await cancel_extraction(CancelExtraction(extraction_id=run_id))
        return caught.value

    assert stage.run(scenario).code == "conflict"


def test_edit_while_the_model_thinks_is_read_again(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.then(answering(after=0.5))
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        running = asyncio.create_task(do_sent())
        await eventually(lambda: _length(stage.llm.chat.requests))
        stage.world.say(4, "Рішення скасовано", edited=datetime.now(UTC))
        await do(stage.world.considered([4]))
        await running
        return await atoms(), await states(), await extractions()

    found, waiting, (run,) = stage.run(scenario)
    assert found[3].content == "Рішення скасовано"
    assert not any(citation.stale for each in found for citation in each.citations)
    assert (len(found), waiting, run.status) == (10, {"done": 10}, "completed")


def test_message_that_becomes_noise_while_the_model_thinks_gives_nothing(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.then(answering(after=0.5))
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        running = asyncio.create_task(do_sent())
        await eventually(lambda: _length(stage.llm.chat.requests))
        stage.world.classes[4] = "noise"
        await do(stage.world.considered([4]))
        await running
        return await atoms(), await states()

    found, waiting = stage.run(scenario)
    assert [each.citations[0].message_id for each in found] == [1, 2, 3, 5, 6, 7, 8, 9, 10]
    assert waiting == {"done": 9, "ignored": 1}


def test_edit_afterwards_waits_again_and_marks_quotes_that_are_gone(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def stale() -> list[int]:
        return [each.id for each in await atoms() for citation in each.citations if citation.stale]

    async def scenario() -> tuple[Any, ...]:
        await extracted(stage)
        ids = [each.id for each in await atoms()]
        stage.world.say(4, "Рішення скасовано", edited=datetime.now(UTC))
        stage.world.say(5, f"{TALK[4]} І вночі?", edited=datetime.now(UTC))
        await do(stage.world.considered([4, 5]))
        checks = [command.message_ids for command, _ in await sent(CheckCitations)]  # type: ignore[attr-defined]
        await do_sent(CheckCitations)
        first = await stale(), await states()
        stage.world.say(4, TALK[3], edited=datetime.now(UTC))
        await do(stage.world.considered([4]))
        await do_sent(CheckCitations)
        return ids, checks, first, (await stale(), await states())

    ids, checks, (gone, waiting), (back, done) = stage.run(scenario)
    assert checks == [[4, 5]]
    assert gone == [ids[3]]
    assert waiting == {"done": 8, "waiting": 2}
    assert back == []
    assert done == {"done": 9, "waiting": 1}


def test_dead_run_is_ended_and_its_messages_are_extracted_by_another(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        await value(
            "WITH old AS (UPDATE knowledge.extraction_runs SET status = 'running',"
            " alive_at = now() - interval '10 minutes' RETURNING 1) SELECT count(*) FROM old"
        )
        ((late, _),) = await sent(ExtractKnowledge)
        await review()
        before = await states()
        await do(late)
        await do_sent()
        ends = [(run.status, run.failure) for run in await extractions()]
        return before, ends, await states(), len(await atoms())

    before, ((second, _), (first, failure)), after, count = stage.run(scenario)
    assert before == {"claimed": 10}
    assert (first, second) == ("failed", "completed")
    assert "no other one took it over" in (failure or "")
    assert (after, count) == ({"done": 10}, 10)


def test_long_answer_does_not_make_a_run_dead(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.knowledge.running._BEATS", 200)
    monkeypatch.setenv("TT_DEAD_AFTER", "10")
    say(stage)
    stage.llm.chat.always(Hangs())

    async def scenario() -> bool:
        await do(stage.world.considered())
        running = asyncio.create_task(do_sent())
        await eventually(lambda: _length(stage.llm.chat.requests))
        began = await value("SELECT alive_at FROM knowledge.extraction_runs")

        async def has_moved() -> bool:
            return bool(await value("SELECT alive_at > :began FROM knowledge.extraction_runs", began=began))

        moved = await eventually(has_moved)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return moved

    assert stage.run(scenario)


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


def test_cap_is_held_against_the_conversation_that_has_no_room_and_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_PAUSE_MINUTES", "0")
    say(stage, *(words * 200 for words in TALK[:2]), minutes_ago=600)
    say(stage, first=50, minutes_ago=120)
    stage.world.extracts(max_tokens_per_run=9000)
    stage.llm.chat.always(answering())

    async def scenario() -> list[tuple[Any, ...]]:
        await extracted(stage)
        for _ in range(4):
            await review()
            await do_sent()
        return await rows("SELECT message_id, state FROM knowledge.pending_messages ORDER BY 1")

    assert stage.run(scenario) == [(n, "set_aside") for n in (1, 2)] + [(n, "done") for n in range(50, 60)]


def test_run_that_nobody_began_is_not_held_against_its_messages(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        await rows("UPDATE knowledge.extraction_runs SET alive_at = now() - interval '61 min' RETURNING 1")
        await review()
        failures = await rows("SELECT DISTINCT failures FROM knowledge.pending_messages")
        await do_sent()
        return failures, await extractions(), await states()

    failures, (again, first), waiting = stage.run(scenario)
    assert failures == [(0,)]
    assert first.status == "failed"
    assert "queue" in str(first.failure)
    assert (again.status, waiting) == ("completed", {"done": 10})


def test_beginning_is_told_once_also_when_two_workers_begin(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        await asyncio.gather(do_sent(ExtractKnowledge), do_sent(ExtractKnowledge))
        return len(await events("knowledge.extraction_started")), await states()

    assert stage.run(scenario) == (1, {"done": 10})
