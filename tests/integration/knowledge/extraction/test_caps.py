"""A cap ends a run cleanly: what was done is kept, and nothing is tried for ever."""

from typing import Any

import pytest

from services.knowledge import extracting, models
from shared.contracts.extraction import ExtractKnowledge
from shared.llm import Usage
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import rows, sent, states
from tests.integration.knowledge.extraction.stage import Stage, do_sent, review
from tests.integration.knowledge.extraction.talk import TALK, atoms, extracted, extractions, pending, say


def _raising(error: Exception) -> Any:
    async def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


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
