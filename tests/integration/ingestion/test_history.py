"""A history job from its making to its end: pages, floods, outages, cancellation, second deliveries."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from telethon import errors
from telethon.tl import types

from services.ingestion import saving
from services.ingestion.actors import ingest_telegram_messages_task, save_telegram_message
from services.ingestion.history import asking, keeping
from services.ingestion.history import queries as history_queries
from services.ingestion.queries import cancel_job
from services.ingestion.repository.history import look_at_job
from shared.contracts.errors import QueryError
from shared.contracts.history import CreateHistoryJob, GetAccount, SignOut
from shared.contracts.ingestion import CancelJob, JobRecord
from shared.service import FinalFailure, NotNow
from tests.fakes.telethon import Flood, GivenUp, Hangs, Lost, Refuses, Repeats, Short
from tests.fakes.telethon.chats import BEGAN
from tests.integration.ingestion.history_stage import (
    HistoryStage,
    eventually,
    job_after,
    job_now,
    make_job,
    rows,
    said,
    texts,
)
from tests.unit.ingestion.shapes import bot_message


def numbered(*numbers: int) -> list[str]:
    return [f"Повідомлення {number}" for number in numbers]


def counters(job: JobRecord) -> tuple[str, int, int, int, int]:
    return (
        job.status,
        job.messages_fetched,
        job.messages_stored,
        job.messages_skipped,
        job.errors_count,
    )


def test_chats_are_read_a_hundred_messages_a_call_and_a_second_job_changes_nothing(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 250)
    group = history.telegram.group("Команда", 30)

    async def scenario() -> Any:
        await history.sign_in()
        first = await job_after(await make_job(team.telegram_id, group.telegram_id))
        orders = await said("score_unscored_messages_task")
        second = await job_after(await make_job(team.telegram_id, group.telegram_id))
        return (
            first,
            orders,
            second,
            await said("score_unscored_messages_task"),
            await texts(team.telegram_id),
        )

    first, orders, second, orders_after, found = history.run(scenario)
    assert counters(first) == ("completed", 280, 280, 0, 0)
    assert counters(second) == ("completed", 280, 0, 280, 0)
    assert found == numbered(*range(1, 251))
    assert orders == orders_after == 4  # one a page of the first job, none of the second
    assert first.source_name == "Полиця, Команда"
    assert [(chat.status, chat.messages_fetched, chat.messages_total) for chat in first.chats] == [
        ("completed", 250, 250),
        ("completed", 30, None),
    ]
    limits = {call.request.limit for call in history.telegram.asked("GetHistoryRequest")}
    assert limits == {100}


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


def test_old_half_of_a_migrated_group_is_read_too_and_joins_the_supergroup(history: HistoryStage) -> None:
    old = history.telegram.group(
        "Полиця", 5, number=421, migrated_to=types.InputChannel(2148807731, 2148807732), deactivated=True
    )
    old.happen(types.MessageActionChatMigrateTo(2148807731))
    new = history.telegram.supergroup("Полиця", 0)
    new.former = 421
    new.happen(types.MessageActionChannelMigrateFrom("Полиця", 421))
    new.say("Тут уже супергрупа")

    async def scenario() -> Any:
        await history.sign_in()
        # The window leaves out the messages that tell of the migration in the old half.
        job = await job_after(await make_job(new.telegram_id, until=BEGAN + timedelta(minutes=4)))
        chats = await rows(
            "SELECT old.telegram_id AS old, new.telegram_id AS new FROM chats old"
            " JOIN chats new ON new.id = old.migrated_to_id"
        )
        return job, chats, await texts(old.telegram_id), await texts(new.telegram_id)

    job, chats, before, after = history.run(scenario)
    assert (job.status, job.messages_stored) == ("completed", 5)
    assert [(row.old, row.new) for row in chats] == [(-421, new.telegram_id)]
    assert before == numbered(1, 2, 3)
    assert after == ["[migrate_from_chat_id]", "Тут уже супергрупа"]
    assert [chat.telegram_id for chat in job.chats] == [new.telegram_id, -421]


def test_window_takes_what_is_in_it_and_asks_for_no_more(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 400)
    since, until = BEGAN + timedelta(minutes=120), BEGAN + timedelta(minutes=260)

    async def scenario() -> Any:
        await history.sign_in()
        job = await job_after(await make_job(team.telegram_id, since=since, until=until))
        return job, await texts(team.telegram_id)

    job, found = history.run(scenario)
    assert found == numbered(*range(120, 260))
    assert counters(job) == ("completed", 140, 140, 0, 0)
    assert len(history.telegram.asked("GetHistoryRequest")) == 2


def test_chat_that_became_inaccessible_is_an_error_and_the_next_one_goes_on(history: HistoryStage) -> None:
    gone = history.telegram.supergroup("Таємна", 10)
    team = history.telegram.supergroup("Полиця", 10, number=2148807777)

    async def scenario() -> Any:
        await history.sign_in()
        job_id = await make_job(gone.telegram_id, team.telegram_id)
        gone.has_left = True
        alone = await make_job(gone.telegram_id)
        return await job_after(job_id), await job_after(alone)

    job, alone = history.run(scenario)
    assert counters(job) == ("completed", 10, 10, 0, 1)
    assert "Таємна" in job.error_log[0].reason
    assert [chat.status for chat in job.chats] == ["failed", "completed"]
    assert alone.status == "failed"
    assert "error log" in str(alone.failure)


def test_chat_that_telethon_cannot_decode_is_an_error_and_the_next_one_goes_on(
    history: HistoryStage,
) -> None:
    strange = history.telegram.supergroup("Новітня", 150)
    team = history.telegram.supergroup("Полиця", 10, number=2148807777)
    history.telegram.then(Short(100), Refuses(lambda _request: errors.TypeNotFoundError(0x1CEB00DA, b"")))

    async def scenario() -> Any:
        await history.sign_in()
        return await job_after(await make_job(strange.telegram_id, team.telegram_id))

    job = history.run(scenario)
    assert counters(job) == ("completed", 110, 110, 0, 1)
    assert "Новітня" in job.error_log[0].reason
    assert "does not know" in job.error_log[0].reason
    assert [chat.status for chat in job.chats] == ["failed", "completed"]


def test_message_that_telegram_will_not_take_from_this_connection_is_sent_by_another(
    history: HistoryStage,
) -> None:
    team = history.telegram.supergroup("Полиця", 10)
    history.telegram.then(Refuses(lambda request: errors.BadMessageError(request, 20)))

    async def scenario() -> Any:
        await history.sign_in()
        return await job_after(await make_job(team.telegram_id))

    assert counters(history.run(scenario)) == ("completed", 10, 10, 0, 0)


def test_unreadable_message_is_logged_and_stops_no_other(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 10)
    team.messages[5].date = datetime(1999, 1, 1, tzinfo=UTC)

    async def scenario() -> Any:
        await history.sign_in()
        return await job_after(await make_job(team.telegram_id))

    job = history.run(scenario)
    assert counters(job) == ("completed", 10, 9, 0, 1)
    assert "message 5" in job.error_log[0].position


def test_message_that_the_webhook_brought_is_the_same_row(history: HistoryStage) -> None:
    team = history.telegram.supergroup("Полиця", 76)
    team.say("Вирішили: у четвер", grouped_id=13_579)

    async def scenario() -> Any:
        await save_telegram_message(
            update={"update_id": 1, "message": bot_message(text="Вирішили: у четвер", date=_seconds(77))}
        )
        await history.sign_in()
        job = await job_after(await make_job(team.telegram_id))
        row = await rows("SELECT roads, media_group_id FROM messages WHERE telegram_message_id = 77")
        return job, row, await rows("SELECT first_name FROM telegram_profiles")

    job, (row,), people = history.run(scenario)
    assert (job.messages_stored, job.messages_skipped) == (76, 1)
    assert (row.roads, row.media_group_id) == (5, "13579")
    assert [person.first_name for person in people] == ["Олена"]


def test_private_chats_are_refused_by_name_unless_they_are_asked_for(history: HistoryStage) -> None:
    talk = history.telegram.private(3)

    async def scenario() -> Any:
        await history.sign_in()
        with pytest.raises(QueryError) as refusal:
            await make_job(talk.telegram_id)
        job = await job_after(await make_job(talk.telegram_id, include_private=True))
        return (
            refusal.value,
            job,
            await rows("SELECT user_id FROM telegram_profiles"),
            await rows("SELECT 1 FROM messages"),
        )

    refusal, job, people, stored = history.run(scenario)
    assert (refusal.code, refusal.body.field) == ("invalid", "chat_ids")
    assert "Олена Кравчук (418230771)" in str(refusal)
    assert (job.status, len(stored), len(people)) == ("completed", 3, 1)


def test_chat_that_the_account_is_not_in_is_refused_by_its_id(history: HistoryStage) -> None:
    history.telegram.supergroup("Полиця", 1)

    async def scenario() -> QueryError:
        await history.sign_in()
        with pytest.raises(QueryError) as refusal:
            await make_job(-1009)
        return refusal.value

    refusal = history.run(scenario)
    assert (refusal.code, refusal.body.field) == ("invalid", "chat_ids")
    assert "-1009" in str(refusal)


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


def test_window_that_ends_before_it_begins_is_refused(history: HistoryStage) -> None:
    async def scenario() -> QueryError:
        await history.sign_in()
        with pytest.raises(QueryError) as refusal:
            await make_job(-1009, since=BEGAN, until=BEGAN)
        return refusal.value

    assert history.run(scenario).body.field == "since"


def _seconds(number: int) -> int:
    return int((BEGAN + timedelta(minutes=number)).timestamp())
