"""What a history job waits for, and what it goes on after: floods, outages, silence, a crash."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon.tl import types

from services.ingestion import saving
from services.ingestion.actors import ingest_telegram_messages_task
from services.ingestion.history import asking, keeping
from services.ingestion.queries import cancel_job
from services.ingestion.repository.history import look_at_job
from shared.contracts.ingestion import CancelJob, JobRecord
from tests.fakes.telethon import Flood, GivenUp, Hangs, Lost, Repeats, Short
from tests.integration.ingestion.history_stage import (
    HistoryStage,
    counters,
    eventually,
    job_after,
    job_now,
    make_job,
    numbered,
    rows,
    said,
    texts,
)


def test_flood_is_shown_on_the_job_and_waited_out(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), Flood(2))

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(job_id))

        async def waits() -> JobRecord | None:
            job = await job_now(job_id)
            return job if job.waiting_until is not None else None

        waiting = await eventually(waits, "the wait")
        return waiting, await task, await said("ingestion.progress")

    waiting, job, progress = history.run(scenario)
    assert waiting.status == "running"
    assert "2 s" in waiting.waiting_for
    assert counters(job) == ("completed", 150, 150, 0, 0)
    assert (job.waiting_until, job.waiting_for) == (None, None)
    assert progress >= 4
    times = [call.at for call in history.telegram.asked("GetHistoryRequest")]
    assert times[2] >= waiting.waiting_until.timestamp()


def test_cancelled_while_it_waits_for_a_flood_it_ends_at_once(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), Flood(3600))

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(job_id))

        async def waits() -> bool:
            return (await job_now(job_id)).waiting_until is not None

        await eventually(waits, "the wait")
        await cancel_job(CancelJob(job_id=job_id))
        return await task, await said("ingestion.failed")

    job, failed_events = history.run(scenario)
    assert counters(job) == ("cancelled", 100, 100, 0, 0)
    assert job.waiting_until is None
    assert failed_events == 1


def test_cancelled_while_telegram_is_silent_it_ends_too(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 20)
    history.telegram.then(Hangs())

    async def scenario() -> JobRecord:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(job_id))

        async def asked() -> bool:
            return bool(history.telegram.asked("GetHistoryRequest"))

        await eventually(asked, "the question")
        await cancel_job(CancelJob(job_id=job_id))
        return await task

    assert history.run(scenario).status == "cancelled"
    assert history.telegram.connections == 0


def test_wait_that_was_begun_is_honoured_by_the_next_runner(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 10)
    until = datetime.now(UTC) + timedelta(seconds=2)

    async def scenario() -> JobRecord:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        await rows(
            "UPDATE ingestion_jobs SET status = 'running', waiting_until = :until, waiting_for = 'a flood'"
            " RETURNING id",
            until=until,
        )
        return await job_after(job_id)

    job = history.run(scenario)
    assert counters(job) == ("completed", 10, 10, 0, 0)
    assert history.telegram.asked("GetFullChannelRequest")[0].at >= until.timestamp()


def test_short_pages_repeated_ones_and_a_lost_connection_lose_and_double_nothing(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 120)
    del team.messages[60]  # deleted
    team.messages[61] = types.MessageEmpty(61, types.PeerChannel(team.entity.id))
    history.telegram.then(Short(7), Lost(), Repeats(), Short(1), Repeats(), Repeats())

    async def scenario() -> Any:
        await history.sign_in()
        return await job_after(await make_job(team.telegram_id)), await texts(team.telegram_id)

    job, found = history.run(scenario)
    assert counters(job) == ("completed", 118, 118, 0, 0)
    assert found == numbered(*(number for number in range(1, 121) if number not in (60, 61)))
    assert history.telegram.most_connections == 1


def test_telegram_away_is_waited_for_with_growing_pauses_and_then_the_job_goes_on(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 10)

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        history.telegram.is_down = True
        task = asyncio.create_task(job_after(job_id))

        async def waits_longer() -> JobRecord | None:
            job = await job_now(job_id)
            now = datetime.now(UTC)
            longer = job.waiting_until is not None and job.waiting_until > now + timedelta(seconds=1)
            return job if longer else None

        waiting = await eventually(waits_longer, "the second pause")
        history.telegram.is_down = False
        return waiting, await task

    waiting, job = history.run(scenario)
    assert "cannot be reached" in waiting.waiting_for
    assert counters(job) == ("completed", 10, 10, 0, 0)


def test_telegram_away_for_too_long_fails_the_job_with_what_to_do(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_TELEGRAM_PATIENCE", "0")
    team = history.telegram.supergroup("Полиця", 10)

    async def scenario() -> JobRecord:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        history.telegram.is_down = True
        return await job_after(job_id)

    job = history.run(scenario)
    assert job.status == "failed"
    assert "Make the job again" in str(job.failure)


def test_database_that_is_away_is_not_taken_for_telegram(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TT_TELEGRAM_PATIENCE", "0")
    team = history.telegram.supergroup("Полиця", 10)
    looks: list[int] = []

    async def fails_once(*arguments: Any) -> Any:
        looks.append(1)
        if len(looks) == 2:
            raise ConnectionRefusedError("Postgres")
        return await look_at_job(*arguments)

    monkeypatch.setattr(asking, "look_at_job", fails_once)

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        with pytest.raises(ConnectionRefusedError, match="Postgres"):
            await ingest_telegram_messages_task(job_id=job_id)
        return await job_now(job_id), await job_after(job_id)

    stopped, job = history.run(scenario)
    assert (stopped.status, stopped.waiting_for) == ("running", None)
    assert counters(job) == ("completed", 10, 10, 0, 0)


def test_crash_between_pages_is_taken_up_where_it_was(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:

    team = history.telegram.supergroup("Полиця", 250)
    save, pages = saving.save_messages, []

    async def save_until_it_breaks(*arguments: Any) -> Any:
        pages.append(len(arguments[2]))
        if len(pages) == 2:
            raise ConnectionError("Postgres went away")
        return await save(*arguments)

    monkeypatch.setattr(keeping, "save_messages", save_until_it_breaks)

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        with pytest.raises(ConnectionError):
            await ingest_telegram_messages_task(job_id=job_id)
        before = await texts(team.telegram_id)
        return before, await job_after(job_id), await job_after(job_id)

    before, job, again = history.run(scenario)
    assert before == numbered(*range(151, 251))
    assert counters(job) == ("completed", 250, 250, 0, 0)
    assert again == job  # a delivery after its end
    assert sum(pages) == 350  # nothing but the page that broke was saved again


def test_connection_that_telethon_gives_up_is_made_anew(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 150)
    history.telegram.then(Short(100), GivenUp())

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(team.telegram_id)
        task = asyncio.create_task(job_after(job_id))

        async def waits() -> JobRecord | None:
            job = await job_now(job_id)
            return job if job.waiting_until is not None else None

        return await eventually(waits, "the wait"), await task

    waiting, job = history.run(scenario)
    assert "cannot be reached" in waiting.waiting_for
    assert counters(job) == ("completed", 150, 150, 0, 0)
    assert (history.telegram.most_connections, history.telegram.connections) == (1, 0)
