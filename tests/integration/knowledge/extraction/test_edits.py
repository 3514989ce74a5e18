"""Messages that are edited, or become noise, while an extraction is under way and afterwards."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from shared.contracts.atoms import CheckCitations
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import sent, states
from tests.integration.knowledge.extraction.stage import Stage, asked, do, do_sent, eventually
from tests.integration.knowledge.extraction.talk import TALK, atoms, extracted, extractions, say


def test_edit_while_the_model_thinks_is_read_again(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.then(answering(after=0.5))
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        running = asyncio.create_task(do_sent())
        await eventually(lambda: asked(stage))
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
        await eventually(lambda: asked(stage))
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
