"""Whose turn it is: one history job at a time, and only while there is an account to read with."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from telethon import errors

from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.history import queries as history_queries
from services.ingestion.queries import cancel_job
from shared.contracts.errors import QueryError
from shared.contracts.history import CreateHistoryJob, GetAccount, SignOut
from shared.contracts.ingestion import CancelJob
from shared.service import FinalFailure, NotNow
from tests.fakes.telethon import Flood, Hangs, Refuses, Short
from tests.integration.ingestion.history_stage import (
    HistoryStage,
    counters,
    eventually,
    job_after,
    job_now,
    make_job,
    rows,
)


def test_without_account_it_is_said_what_to_do(history: HistoryStage) -> None:
    async def scenario() -> QueryError:
        with pytest.raises(QueryError) as refusal:
            await make_job(-1009)
        return refusal.value

    refusal = history.run(scenario)
    assert refusal.code == "conflict"
    assert "/api/v1/telegram/account/code" in str(refusal)


def test_one_job_works_at_a_time_and_the_other_waits_as_pending(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 10)
    history.telegram.then(Hangs())

    async def scenario() -> Any:
        await history.sign_in()
        first, second = await make_job(team.telegram_id), await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(first))

        async def asked() -> bool:
            return bool(history.telegram.asked("GetHistoryRequest"))

        await eventually(asked, "the first question")
        with pytest.raises(NotNow):
            await ingest_telegram_messages_task(job_id=second)
        with pytest.raises(NotNow):  # a second delivery of the one that runs
            await ingest_telegram_messages_task(job_id=first)
        waiting = await job_now(second)
        await cancel_job(CancelJob(job_id=first))
        return waiting, await task, await job_after(second)

    waiting, first, second = history.run(scenario)
    assert waiting.status == "pending"
    assert first.status == "cancelled"
    assert counters(second) == ("completed", 10, 10, 0, 0)
    assert history.telegram.most_connections == 1


def test_turn_that_is_lost_with_its_connection_stops_the_job_until_it_has_it_again(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), Hangs())

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(ingest_telegram_messages_task(job_id=job_id))

        async def asked_twice() -> bool:
            return len(history.telegram.asked("GetHistoryRequest")) == 2

        await eventually(asked_twice, "the question")
        await rows("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        with pytest.raises(NotNow, match="was lost"):
            await asyncio.wait_for(task, 10)
        left = history.telegram.connections
        return left, await job_now(job_id), await job_after(job_id)

    left, stopped, job = history.run(scenario)
    assert left == 0
    assert counters(stopped) == ("running", 100, 100, 0, 0)
    assert counters(job) == ("completed", 150, 150, 0, 0)


def test_job_that_there_is_not_is_given_up_at_once(history: HistoryStage) -> None:
    async def scenario() -> None:
        job_id = uuid4()
        with pytest.raises(FinalFailure, match=str(job_id)):
            await ingest_telegram_messages_task(job_id=job_id)

    history.run(scenario)


@pytest.mark.parametrize("why", [errors.AuthKeyUnregisteredError, errors.AuthKeyDuplicatedError])
def test_revoked_session_fails_the_job_and_is_shown_on_the_account(
    history: HistoryStage, why: type[Exception]
) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), Refuses(why))

    async def scenario() -> Any:
        await history.sign_in()
        job = await job_after(await make_job(team.telegram_id))
        account = await history_queries.show_account(GetAccount())
        with pytest.raises(QueryError) as refusal:
            await make_job(team.telegram_id)
        return job, account, refusal.value

    job, account, refusal = history.run(scenario)
    assert (job.status, job.messages_stored) == ("failed", 100)
    assert "Sign in again" in str(job.failure)
    assert (account.state, account.problem) == ("revoked", job.failure)
    assert refusal.code == "conflict"


def test_account_signed_out_while_a_job_runs_ends_the_job(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), Flood(3600))

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(job_id))

        async def waits() -> bool:
            return (await job_now(job_id)).waiting_until is not None

        await eventually(waits, "the wait")
        return await history_queries.sign_out(SignOut()), await task

    account, job = history.run(scenario)
    assert (account.state, account.problem) == ("none", None)
    assert job.status == "failed"
    assert "signed out" in str(job.failure)
    assert len(history.telegram.asked("LogOutRequest")) == 1


def test_job_that_is_made_again_once_the_account_is_signed_out_is_the_one_that_stands(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 1)

    async def scenario() -> Any:
        await history.sign_in()
        query = CreateHistoryJob(job_id=uuid4(), chat_ids=[team.telegram_id])
        made = await history_queries.create_history_job(query)
        await history_queries.sign_out(SignOut())
        return made, await history_queries.create_history_job(query)

    made, again = history.run(scenario)
    assert made == again
