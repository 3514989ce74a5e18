"""Twenty reviewers at once on one run: nobody waits for ever, nothing is lost, every counter is true."""

import asyncio
import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.analysis.repository.runs import run_record
from shared.contracts.errors import QueryError
from shared.contracts.proposals import Decision
from shared.messaging.transaction import transaction
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import events, rows
from tests.integration.analysis.reviewing import bulk, decided, edited, found, merged, reverted
from tests.integration.analysis.working import waiting

REVIEWERS = 20
TURNS = 25
PROPOSALS = 60
STATUSES = ("pending", "approved", "rejected", "merged")
COUNTED = text("SELECT status, count(*) AS found FROM task_proposals WHERE run_id = :run GROUP BY status")
DOINGS = {"decide": 12, "merge": 24, "bulk": 4, "bulk of all": 1, "revert": 50, "edit": 6}
"""What a reviewer does, and how often: enough is taken back that there is something to decide."""
DEADLINE = 240.0
"""Seconds in which all turns are over, unless some wait for ever."""


async def check_counters(run_id: UUID) -> str:
    """How a run stands, whose counters and state are what its rows say at the same moment."""
    async with transaction() as tx:
        await tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        record = await run_record(tx, run_id)
        counted = {row.status: row.found for row in await tx.execute(COUNTED, {"run": run_id})}
    told = {status: getattr(record, f"proposals_{status}") for status in STATUSES}
    assert told == {status: counted.get(status, 0) for status in STATUSES}
    assert record.proposals_total == sum(counted.values()) == PROPOSALS
    assert (record.status == "reviewed") == (record.proposals_pending == 0)
    return record.status


async def turn(chance: random.Random, ids: list[UUID], by: str) -> str:
    """One thing that a reviewer does, whatever others do; returns what it was."""
    one, other = chance.sample(ids, 2)
    decision: Decision = chance.choice(["approve", "reject"])
    (doing,) = chance.choices(list(DOINGS), list(DOINGS.values()))
    if doing == "decide":
        await decided(one, decision, by=by)
    elif doing == "merge":
        await merged(one, other, by=by)
    elif doing == "bulk":
        await bulk(chance.sample(ids, 3), decision, by=by)
    elif doing == "bulk of all":
        await bulk(chance.sample(ids, len(ids)), decision, by=by)
    elif doing == "revert":
        await reverted(one, by=by)
    else:
        await edited(one, title=f"Назва {chance.random()}", tags=[by], changed_by=by)
    return doing


def replayed(entries: list[Any]) -> dict[UUID, str]:
    """How each proposal stands by the log alone, read from its beginning."""
    stands: dict[UUID, str] = {}
    for proposal_id, change, before, after in entries:
        if change == "created":
            assert proposal_id not in stands
            stands[proposal_id] = "pending"
        elif change != "edited":
            assert before["status"] == stands[proposal_id]
            stands[proposal_id] = after["status"]
    return stands


def expected_quotes(records: dict[UUID, Any], own: dict[UUID, set[Any]]) -> dict[UUID, set[Any]]:
    """What each proposal quotes: its own, and what those that are merged into it do."""
    expected = {proposal_id: set(quotes) for proposal_id, quotes in own.items()}
    for proposal_id, record in records.items():
        if record.merged_into is not None:
            expected[record.merged_into] |= own[proposal_id]
    return expected


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_reviewers_at_once_leave_every_counter_true(run: Run, seed: int) -> None:
    async def scenario() -> None:
        ids = await waiting(PROPOSALS)
        run_id = (await found(ids[0])).run_id
        own = {each: {quote.message_id for quote in (await found(each)).quotes} for each in ids}
        done: Counter[str] = Counter()

        async def reviewer(number: int) -> None:
            chance = random.Random(seed * 1000 + number)  # noqa: S311 - to be repeated, not to be secret
            for _ in range(TURNS):
                try:
                    done[await turn(chance, ids, f"reviewer {number}")] += 1
                except QueryError as error:
                    done[error.code] += 1
                await check_counters(run_id)

        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(*(reviewer(number) for number in range(REVIEWERS)))

        assert {"decide", "merge", "bulk", "revert", "conflict"} <= set(done) <= {*DOINGS, "conflict"}
        assert done.total() == REVIEWERS * TURNS
        await bulk(ids)
        assert await check_counters(run_id) == "reviewed"
        await reverted(ids[0])
        assert await check_counters(run_id) == "completed"
        records = {each: await found(each) for each in ids}
        entries = await rows("SELECT proposal_id, change, before, after FROM proposal_changes ORDER BY id")
        assert replayed(entries) == {each: record.status for each, record in records.items()}
        assert len(await events("proposal_reviewed")) == len(entries) - PROPOSALS
        quoted = {each: {quote.message_id for quote in record.quotes} for each, record in records.items()}
        assert quoted == expected_quotes(records, own)

    run(scenario)
