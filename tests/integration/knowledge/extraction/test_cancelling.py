"""A cancelled extraction saves nothing more, and lets its messages wait."""

import asyncio
from typing import Any

import pytest

from services.knowledge.queries import cancel_extraction
from shared.contracts.errors import QueryError
from shared.contracts.extraction import CancelExtraction
from tests.integration.knowledge.extraction.answers import answering
from tests.integration.knowledge.extraction.looking import states, value
from tests.integration.knowledge.extraction.stage import Stage, asked, do, do_sent, eventually
from tests.integration.knowledge.extraction.talk import extracted, pending, saved, say


def test_cancelled_run_saves_nothing_and_its_messages_wait(stage: Stage) -> None:
    say(stage)
    stage.llm.chat.always(answering(after=0.5))

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered())
        run_id = await value("SELECT id FROM knowledge.extraction_runs")
        running = asyncio.create_task(do_sent())
        await eventually(lambda: asked(stage))
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
