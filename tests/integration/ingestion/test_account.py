"""Signing the Telegram account in and out: by code, password and session; and everything that goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from telethon import errors

from services.ingestion.actors import reseal_telegram_session_task
from services.ingestion.history import listing, login, queries, sessions
from services.ingestion.history.client import connected
from services.ingestion.history.listing import list_chats
from services.ingestion.history.turns import account_turn
from services.ingestion.repository.accounts import begin_login, find_account
from services.ingestion.repository.telegram_chats import keep_listed
from shared.contracts.errors import QueryError
from shared.contracts.history import (
    AccountRecord,
    GetAccount,
    ListTelegramChats,
    SendLoginCode,
    SetSession,
    SignIn,
    SignOut,
)
from shared.messaging.transaction import transaction
from shared.sealing import bind_keys, new_encryption_key, seal
from tests.fakes.telethon import CODE, PASSWORD, PHONE, Telegram
from tests.fakes.telethon.chats import ME
from tests.integration.ingestion.history_stage import HistoryStage, eventually, rows


async def send_code(phone: str = PHONE) -> AccountRecord:
    return await queries.send_login_code(SendLoginCode(sealed_phone=seal(phone), changed_by="tests"))


async def sign_in(code: str | None = None, password: str | None = None) -> AccountRecord:
    return await queries.sign_in(
        SignIn(sealed_code=code and seal(code), sealed_password=password and seal(password))
    )


async def set_session(session: str) -> AccountRecord:
    return await queries.set_session(SetSession(sealed_session=seal(session), changed_by="tests"))


async def refused(asking: Awaitable[Any]) -> QueryError:
    with pytest.raises(QueryError) as refusal:
        await asking
    return refusal.value


def test_account_signs_in_by_code_at_the_data_centre_where_it_lives(history: HistoryStage) -> None:
    async def scenario() -> Any:
        sent = await send_code()
        kept = await rows("SELECT sealed_login, phone FROM telegram_accounts")
        return sent, kept, await sign_in(CODE), await rows("SELECT * FROM telegram_accounts")

    sent, (kept,), done, (row,) = history.run(scenario)
    assert (sent.state, sent.code_via, sent.phone) == ("code_sent", "app", "+••••••••••67")
    assert "380441234567" not in kept.sealed_login + kept.phone
    assert (done.state, done.name, done.username, done.telegram_id) == (
        "signed_in",
        "Марта Гнатюк",
        "marta",
        ME.id,
    )
    assert row.sealed_login is None
    assert history.telegram.connections == 0


def test_password_is_asked_for_where_the_account_has_one(history: HistoryStage) -> None:
    history.telegram.has_password = True

    async def scenario() -> Any:
        await send_code()
        half = await sign_in(CODE)
        missing, wrong = await refused(sign_in()), await refused(sign_in(password="дощ"))
        return half, missing, wrong, await sign_in(password=PASSWORD)

    half, missing, wrong, done = history.run(scenario)
    assert half.state == "password_needed"
    assert [(error.code, error.body.field) for error in (missing, wrong)] == [("invalid", "password")] * 2
    assert "wrong" in str(wrong)
    assert done.state == "signed_in"


def test_code_and_password_may_come_together(history: HistoryStage) -> None:
    history.telegram.has_password = True

    async def scenario() -> AccountRecord:
        await send_code()
        return await sign_in(CODE, PASSWORD)

    assert history.run(scenario).state == "signed_in"


def test_wrong_code_can_be_tried_again_and_an_expired_one_cannot(history: HistoryStage) -> None:
    async def scenario() -> Any:
        await send_code()
        wrong = await refused(sign_in("11111"))
        standing = await queries.show_account(GetAccount())
        history.telegram.code_refusal = errors.PhoneCodeExpiredError(None)
        return wrong, standing, await refused(sign_in(CODE)), await queries.show_account(GetAccount())

    wrong, standing, expired, after = history.run(scenario)
    assert (wrong.code, wrong.body.field, standing.state) == ("invalid", "code", "code_sent")
    assert (expired.code, after.state) == ("conflict", "none")
    assert "account/code" in str(expired)


def overtaken(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[Any]]) -> None:
    """Have something done between what the next sign-in sees of the account and what it asks Telegram."""

    @asynccontextmanager
    async def connected_late(session: str) -> AsyncIterator[Any]:
        monkeypatch.setattr(login, "connected", connected)
        await act()
        async with connected(session) as client:
            yield client

    monkeypatch.setattr(login, "connected", connected_late)


async def another_begins() -> None:
    """Somebody else has a code sent."""
    async with transaction() as tx:
        seen = await find_account(tx)
        assert await begin_login(
            tx,
            uuid4(),
            "somebody else",
            instead_of=None if seen is None else seen.login_id,
            state="code_sent",
            sealed_login="theirs",
        )
        await tx.execute(
            text("INSERT INTO telegram_chats (telegram_id, type, is_forum) VALUES (-1, 'group', false)")
        )


async def standing() -> tuple[str, str, int]:
    """Who began the sign-in that stands, its state, and how many chats are listed."""
    (row,) = await rows(
        "SELECT changed_by, state, (SELECT count(*) FROM telegram_chats) AS chats FROM telegram_accounts"
    )
    return row.changed_by, row.state, row.chats


def test_expired_code_of_an_earlier_sign_in_leaves_the_later_one_as_it_is(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> Any:
        await send_code()
        history.telegram.code_refusal = errors.PhoneCodeExpiredError(None)
        overtaken(monkeypatch, another_begins)
        return await refused(sign_in(CODE)), await standing()

    error, after = history.run(scenario)
    assert (error.code, after) == ("conflict", ("somebody else", "code_sent", 1))
    assert "Another sign-in" in str(error)


def test_password_is_not_asked_for_in_the_name_of_a_later_sign_in(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.telegram.has_password = True

    async def scenario() -> Any:
        await send_code()
        overtaken(monkeypatch, another_begins)
        return await refused(sign_in(CODE)), await standing()

    error, after = history.run(scenario)
    assert (error.code, after) == ("conflict", ("somebody else", "code_sent", 1))


def test_session_of_a_sign_in_that_was_overtaken_is_ended(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> Any:
        await send_code()
        overtaken(monkeypatch, another_begins)
        return await refused(sign_in(CODE)), await standing()

    error, after = history.run(scenario)
    assert (error.code, after) == ("conflict", ("somebody else", "code_sent", 1))
    assert len(history.telegram.asked("LogOutRequest")) == 1
    assert history.telegram.connections == 0


@pytest.mark.parametrize("how", ["code", "session"])
@pytest.mark.parametrize("before", ["nobody", "a sign-in"])
def test_sign_in_that_another_one_overtook_is_refused(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch, how: str, before: str
) -> None:
    session = history.telegram.session

    async def scenario() -> Any:
        if before != "nobody":
            await send_code()
        overtaken(monkeypatch, another_begins)
        error = await refused(send_code() if how == "code" else set_session(session))
        return error, await standing()

    error, after = history.run(scenario)
    assert (error.code, after) == ("conflict", ("somebody else", "code_sent", 1))
    # Telegram was not asked to send another code, which would have made theirs worthless.
    assert len(history.telegram.asked("SendCodeRequest")) == (before != "nobody")


@pytest.mark.parametrize("how", ["code", "session"])
def test_sign_in_that_another_account_completed_before_is_refused(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    session = history.telegram.session

    async def another_is_signed_in() -> None:
        await another_begins()
        await rows(
            "UPDATE telegram_accounts SET state = 'signed_in', sealed_login = NULL, sealed_session = 'x',"
            " telegram_id = 1, signed_in_at = now() RETURNING 1"
        )

    async def scenario() -> Any:
        overtaken(monkeypatch, another_is_signed_in)
        return await refused(send_code() if how == "code" else set_session(session)), await standing()

    error, after = history.run(scenario)
    assert (error.code, after) == ("conflict", ("somebody else", "signed_in", 1))


def test_code_may_be_asked_for_again(history: HistoryStage) -> None:
    async def scenario() -> Any:
        return [(await send_code()).state, (await send_code()).state, (await sign_in(CODE)).state]

    assert history.run(scenario) == ["code_sent", "code_sent", "signed_in"]


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (errors.FloodWaitError(None, 86), "unavailable", "86 s"),
        (errors.PhoneNumberFloodError(None), "conflict", "some hours"),
        (errors.PhoneNumberBannedError(None), "invalid", "banned"),
        (errors.ApiIdInvalidError(None), "conflict", "TT_TELEGRAM_API_ID"),
        (ConnectionError("reset"), "unavailable", "cannot be reached"),
    ],
)
def test_telegrams_refusal_of_a_code_says_what_to_do(
    history: HistoryStage, refusal: Exception, code: str, words: str
) -> None:
    history.telegram.code_refusal = refusal
    error = history.run(lambda: refused(send_code()))
    assert error.code == code
    assert words in str(error)
    assert error.body.retry_after == (86 if isinstance(refusal, errors.FloodWaitError) else None)


@pytest.mark.parametrize("phone", ["+380440000000", "no number"])
def test_phone_that_telegram_does_not_take_is_refused(history: HistoryStage, phone: str) -> None:
    error = history.run(lambda: refused(send_code(phone)))
    assert (error.code, error.body.field) == ("invalid", "phone")


def test_second_account_is_refused_until_the_first_is_signed_out(history: HistoryStage) -> None:
    async def scenario() -> Any:
        await history.sign_in()
        second = await refused(send_code()), await refused(set_session(history.telegram.session))
        gone = await queries.sign_out(SignOut())
        return second, gone, await queries.sign_out(SignOut()), await send_code()

    second, gone, again, sent = history.run(scenario)
    assert [(error.code, "DELETE" in str(error)) for error in second] == [("conflict", True)] * 2
    assert (gone.state, gone.problem, again.state) == ("none", None, "none")
    assert len(history.telegram.asked("LogOutRequest")) == 1
    assert sent.state == "code_sent"


def test_account_is_forgotten_even_when_telegram_cannot_be_told(history: HistoryStage) -> None:
    async def scenario() -> Any:
        await history.sign_in()
        history.telegram.is_down = True
        return await queries.sign_out(SignOut()), await rows("SELECT 1 FROM telegram_accounts")

    gone, left = history.run(scenario)
    assert (gone.state, left) == ("none", [])
    assert "Settings, Devices" in str(gone.problem)


@pytest.mark.parametrize("session", ["", "1abc", "x" * 353, "1" + "A" * 352])
def test_string_that_is_no_session_is_refused(history: HistoryStage, session: str) -> None:
    error = history.run(lambda: refused(set_session(session)))
    assert (error.code, error.body.field) == ("invalid", "session")
    assert history.telegram.calls == []


def test_session_that_was_ended_is_refused(history: HistoryStage) -> None:
    session = history.telegram.session
    history.telegram.end_sessions()
    error = history.run(lambda: refused(set_session(session)))
    assert (error.code, error.body.field) == ("invalid", "session")


def test_chats_are_listed_by_pages_with_what_is_known_of_them(history: HistoryStage) -> None:
    telegram: Telegram = history.telegram
    for number in range(1, 121):
        telegram.supergroup(f"Група {number}", 1, number=3_000_000_000 + number)
    telegram.private(2)

    async def scenario() -> Any:
        await history.sign_in()
        found, cursor = [], None
        while True:
            page = await queries.page_of_telegram_chats(ListTelegramChats(cursor=cursor, limit=50))
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found, await queries.page_of_telegram_chats(ListTelegramChats(search="ГРУПА 12"))

    found, searched = history.run(scenario)
    assert len({chat.telegram_id for chat in found}) == len(found) == 121
    assert (found[0].title, found[0].is_private) == ("Олена Кравчук", True)
    assert {chat.title for chat in searched.items} == {"Група 12", "Група 120"}
    assert len(telegram.asked("GetDialogsRequest")) == 2  # one list, in two calls; then it was fresh enough


def test_flood_of_a_list_is_passed_on_and_a_lost_session_is_shown(history: HistoryStage) -> None:
    async def scenario() -> Any:
        await history.sign_in()
        history.telegram.dialogs_refusal = errors.FloodWaitError(None, 23)
        flood = await refused(queries.page_of_telegram_chats(ListTelegramChats()))
        history.telegram.dialogs_refusal = errors.SessionRevokedError(None)
        lost = await refused(queries.page_of_telegram_chats(ListTelegramChats()))
        return flood, lost, await queries.show_account(GetAccount())

    flood, lost, account = history.run(scenario)
    assert (flood.code, flood.body.retry_after) == ("unavailable", 23)
    assert (lost.code, account.state) == ("conflict", "revoked")
    assert "Sign in again" in str(account.problem)


@pytest.mark.parametrize("request_name", ["SendCodeRequest", "GetDialogsRequest", "LogOutRequest"])
def test_telegram_that_is_silent_keeps_the_account_from_nobody(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch, request_name: str
) -> None:
    for module in (login, listing, sessions):
        monkeypatch.setattr(module, "_LONGEST", 0.2)
    history.telegram.silent_on = {request_name}

    async def scenario() -> Any:
        if request_name == "SendCodeRequest":
            answer = str(await asyncio.wait_for(refused(send_code()), 5))
        else:
            await history.sign_in()
            if request_name == "GetDialogsRequest":
                listing_them = queries.page_of_telegram_chats(ListTelegramChats())
                answer = str(await asyncio.wait_for(refused(listing_them), 5))
            else:
                answer = str((await asyncio.wait_for(queries.sign_out(SignOut()), 5)).problem)
        async with account_turn(0.1):
            return answer, history.telegram.connections

    answer, connections = history.run(scenario)
    assert ("could not be told" if request_name == "LogOutRequest" else "cannot be reached") in answer
    assert connections == 0


def test_chats_that_were_listed_while_the_account_was_signed_out_are_not_kept(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.telegram.supergroup("Полиця", 1)
    monkeypatch.setattr(sessions, "_LOG_OUT_PATIENCE", 0.0)

    async def scenario() -> Any:
        await history.sign_in()

        @asynccontextmanager
        async def signed_out_meanwhile(session: str) -> AsyncIterator[Any]:
            async with connected(session) as client:
                await queries.sign_out(SignOut())
                yield client

        monkeypatch.setattr(listing, "connected", signed_out_meanwhile)
        error = await refused(queries.page_of_telegram_chats(ListTelegramChats()))
        return error, await rows("SELECT 1 FROM telegram_chats")

    error, kept = history.run(scenario)
    assert (error.code, kept) == ("conflict", [])


def test_lists_that_are_kept_at_the_same_time_wait_for_each_other(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.telegram.supergroup("Полиця", 1)
    kept: list[int] = []

    async def keep_slowly(*arguments: Any) -> None:
        await keep_listed(*arguments)
        kept.append(1)
        if len(kept) == 2:
            await eventually(other_waits, "the other list waits for this one")

    async def other_waits() -> bool:
        statement = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(await rows(statement))

    monkeypatch.setattr(listing, "keep_listed", keep_slowly)

    async def scenario() -> Any:
        await history.sign_in()
        await list_chats(timedelta())
        await asyncio.gather(list_chats(timedelta()), list_chats(timedelta()))
        return await rows("SELECT telegram_id FROM telegram_chats")

    assert len(history.run(scenario)) == 1


def test_without_credentials_it_is_said_what_to_set(
    history: HistoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = history.telegram.session
    for name in ("TT_TELEGRAM_API_ID", "TT_TELEGRAM_API_HASH"):
        monkeypatch.delenv(name)
    ways: list[Callable[[], Awaitable[Any]]] = [
        send_code,
        lambda: sign_in(CODE),
        lambda: set_session(session),
        lambda: queries.page_of_telegram_chats(ListTelegramChats()),
    ]

    async def scenario() -> Any:
        return [await refused(way()) for way in ways], await queries.show_account(GetAccount())

    refusals, account = history.run(scenario)
    assert {error.code for error in refusals} == {"conflict"}
    assert all("TT_TELEGRAM_API_ID" in str(error) for error in refusals)
    assert (account.state, account.is_configured) == ("none", False)


def test_session_outlives_the_key_that_sealed_it_once_it_was_sealed_anew(history: HistoryStage) -> None:
    old, new = new_encryption_key(), new_encryption_key()

    async def scenario() -> Any:
        bind_keys(old)
        nobody = await reseal_telegram_session_task()
        await history.sign_in()
        bind_keys(f"{new},{old}")
        done = await reseal_telegram_session_task()
        bind_keys(new)
        page = await queries.page_of_telegram_chats(ListTelegramChats())
        bind_keys(new_encryption_key())
        return nobody, done, page.items, await reseal_telegram_session_task()

    assert history.run(scenario) == ("no account", "resealed", [], "lost")


def test_session_that_another_key_sealed_says_so(history: HistoryStage) -> None:
    async def scenario() -> QueryError:
        await history.sign_in()
        bind_keys(new_encryption_key())
        return await refused(queries.page_of_telegram_chats(ListTelegramChats()))

    error = history.run(scenario)
    assert error.code == "conflict"
    assert "TT_ENCRYPTION_KEYS" in str(error)
