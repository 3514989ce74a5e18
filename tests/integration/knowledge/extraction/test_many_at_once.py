"""A thousand triggers from several workers at once: no message is claimed twice, and none is forgotten."""

import asyncio
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from services.knowledge.queries import start_extraction
from shared.contracts.extraction import ExtractKnowledge, StartExtraction
from tests.integration.knowledge.extraction.looking import rows, sent, states
from tests.integration.knowledge.extraction.stage import Stage
from tests.integration.knowledge.extraction.triggering import trigger

WORKERS, MESSAGES, THRESHOLD = 3, 1000, 10


def test_thousand_triggers_never_claim_a_message_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_OPEN_EXTRACTIONS", "1000")
    for number in range(1, MESSAGES + 1):
        stage.world.say(number, f"Думка {number}", chat=1 + number % 9, minutes_ago=600 - number % 60)
    # Each worker has its share, some of it a second time.
    shares = [
        [stage.world.considered([number]) for number in (*share, *share[::5])]
        for share in (range(1 + worker, MESSAGES + 1, WORKERS) for worker in range(WORKERS))
    ]

    async def scenario() -> tuple[Any, ...]:
        loop = asyncio.get_running_loop()
        where = (stage.database_url, stage.nats_url, stage.namespace)
        with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, trigger, *where, share) for share in shares))
        held = await rows("SELECT id, messages FROM knowledge.extraction_runs")
        claimed = "SELECT extraction_id, count(*) FROM knowledge.pending_messages WHERE state = 'claimed'"
        counted = await rows(f"{claimed} GROUP BY extraction_id")
        return await sent(ExtractKnowledge), dict(held), dict(counted), await states()

    commands, held, counted, found = stage.run(scenario)
    claimed = Counter(number for command, _ in commands for number in command.message_ids)
    assert max(claimed.values()) == 1
    assert all(THRESHOLD <= len(command.message_ids) <= 50 for command, _ in commands)
    assert held == counted == {command.extraction_id: len(command.message_ids) for command, _ in commands}
    assert found["claimed"] == len(claimed)
    assert found["claimed"] + found.get("waiting", 0) == MESSAGES
    assert found.get("waiting", 0) < THRESHOLD


def test_request_that_comes_several_times_at_once_is_started_once(stage: Stage) -> None:
    for number in range(1, 121):
        stage.world.say(number, f"Думка {number}")
    query = StartExtraction(run_id=UUID(int=9), started_by="Олена", chat_ids=[1])

    async def scenario() -> tuple[Any, ...]:
        answers = await asyncio.gather(*(start_extraction(query) for _ in range(8)))
        commands = await sent(ExtractKnowledge)
        return [[run.id for run in answer] for answer in answers], commands, await states()

    answers, commands, found = stage.run(scenario)
    assert len({tuple(answer) for answer in answers}) == 1
    assert len(commands) == 3
    assert found == {"claimed": 120}
