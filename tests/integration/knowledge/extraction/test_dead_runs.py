"""Workers that die, and those that only seem to: what was done is kept and done once."""

import asyncio
from typing import Any

import pytest

from services.knowledge import extracting, saving
from shared.contracts.extraction import ExtractKnowledge
from tests.fakes.llm import Hangs
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import events, rows, sent, states, value
from tests.integration.knowledge.extraction.stage import Stage, asked, do, do_sent, eventually, review
from tests.integration.knowledge.extraction.talk import TALK, atoms, extracted, extractions, say


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
    monkeypatch.setattr("shared.llm.turns.BEATS", 200)
    monkeypatch.setenv("TT_DEAD_AFTER", "10")
    say(stage)
    stage.llm.chat.always(Hangs())

    async def scenario() -> bool:
        await do(stage.world.considered())
        running = asyncio.create_task(do_sent())
        await eventually(lambda: asked(stage))
        began = await value("SELECT alive_at FROM knowledge.extraction_runs")

        async def has_moved() -> bool:
            return bool(await value("SELECT alive_at > :began FROM knowledge.extraction_runs", began=began))

        moved = await eventually(has_moved)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return moved

    assert stage.run(scenario)


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
