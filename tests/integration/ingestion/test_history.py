"""What a history job reads: pages, windows, chats and messages that cannot be read, what is known already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon import errors
from telethon.tl import types

from services.ingestion.actors import save_telegram_message
from shared.contracts.errors import QueryError
from tests.fakes.telethon import Refuses, Short
from tests.fakes.telethon.chats import BEGAN
from tests.integration.ingestion.history_stage import (
    HistoryStage,
    counters,
    job_after,
    make_job,
    numbered,
    rows,
    said,
    texts,
)
from tests.unit.ingestion.shapes import bot_message


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


def test_window_that_ends_before_it_begins_is_refused(history: HistoryStage) -> None:
    async def scenario() -> QueryError:
        await history.sign_in()
        with pytest.raises(QueryError) as refusal:
            await make_job(-1009, since=BEGAN, until=BEGAN)
        return refusal.value

    assert history.run(scenario).body.field == "since"


def _seconds(number: int) -> int:
    return int((BEGAN + timedelta(minutes=number)).timestamp())
