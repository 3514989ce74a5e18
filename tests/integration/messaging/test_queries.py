"""Queries: typed answers, typed errors, and what the asker hears when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.contracts.errors import QueryError, not_found
from shared.contracts.ingestion import ChatRecord, GetTexts, ListChats, TextPage
from shared.messaging.connection import bind_nats, close_connection
from shared.messaging.queries import Handler, ask, serve

T = TypeVar("T")
CHATS = [ChatRecord(id=1, ids=[1], telegram_id=-5, type="group", title="Полиця")]


def asked(
    nats_url: str, namespace: str, handlers: dict[str, Handler], scenario: Callable[[], Awaitable[T]]
) -> T:
    """What a scenario comes to while these handlers answer."""

    async def run() -> T:
        bind_nats(nats_url, namespace)
        try:
            served = await serve("ingestion", handlers) if handlers else None
            found = await scenario()
            if served is not None:
                await served.stop()
            return found
        finally:
            await close_connection()

    return asyncio.run(run())


async def refused(query: Any, **options: Any) -> tuple[str, str, str | None]:
    with pytest.raises(QueryError) as caught:
        await ask(query, **options)
    return caught.value.code, caught.value.body.message, caught.value.body.field


def test_answer_is_of_the_querys_type(nats_url: str, namespace: str) -> None:
    async def chats(_query: ListChats) -> list[ChatRecord]:
        return CHATS

    assert asked(nats_url, namespace, {ListChats.subject: chats}, lambda: ask(ListChats())) == CHATS


def test_refusal_reaches_the_asker_as_it_was_said(nats_url: str, namespace: str) -> None:
    async def chats(_query: ListChats) -> list[ChatRecord]:
        raise not_found("чату «Полиця»")

    found = asked(nats_url, namespace, {ListChats.subject: chats}, lambda: refused(ListChats()))
    assert found == ("not_found", "There is no чату «Полиця».", None)


def test_value_out_of_its_range_is_invalid_and_named(nats_url: str, namespace: str) -> None:
    async def texts(_query: GetTexts) -> TextPage:
        raise AssertionError("not reached")

    found = asked(nats_url, namespace, {GetTexts.subject: texts}, lambda: refused(GetTexts(limit=10_000)))
    assert found == ("invalid", "Expected `int` <= 500", "limit")


def test_defect_of_a_handler_is_unavailable_without_its_details(nats_url: str, namespace: str) -> None:
    async def chats(_query: ListChats) -> list[ChatRecord]:
        raise RuntimeError("password=secret")

    code, message, _ = asked(nats_url, namespace, {ListChats.subject: chats}, lambda: refused(ListChats()))
    assert code == "unavailable"
    assert "secret" not in message


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("Connect call failed ('10.0.0.7', 5432)"),
        DBAPIError("SELECT :text", {"text": "secret"}, Exception("gone"), connection_invalidated=True),
        PoolTimeoutError("QueuePool limit of size 10 reached"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_database_that_is_away_is_said_to_the_asker_and_in_one_line_of_the_log(
    nats_url: str, namespace: str, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    async def chats(_query: ListChats) -> list[ChatRecord]:
        raise error

    found = asked(nats_url, namespace, {ListChats.subject: chats}, lambda: refused(ListChats()))
    answer = "The service ingestion has no answer from its database. Is Postgres running?"
    assert found == ("unavailable", answer, None)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("WARNING query ingestion.list_chats is not answered: ")
    assert "secret" not in line


def test_service_that_is_not_there_is_named_at_once(nats_url: str, namespace: str) -> None:
    found = asked(nats_url, namespace, {}, lambda: refused(ListChats()))
    assert found == ("unavailable", "The service ingestion is not running.", None)


def test_slow_answer_is_given_up_and_holds_up_no_other(nats_url: str, namespace: str) -> None:
    never = asyncio.Event

    async def chats(_query: ListChats) -> list[ChatRecord]:
        await never().wait()
        return []

    async def texts(_query: GetTexts) -> TextPage:
        return TextPage(items=[])

    async def both() -> tuple[TextPage, object]:
        slow = asyncio.create_task(refused(ListChats(), timeout=0.5))
        return await ask(GetTexts()), await slow

    page, slow = asked(nats_url, namespace, {ListChats.subject: chats, GetTexts.subject: texts}, both)
    assert page == TextPage(items=[])
    assert slow == ("unavailable", "The service ingestion did not answer within 0.5 s.", None)


def test_answer_beyond_the_servers_limit_asks_for_fewer(nats_url: str, namespace: str) -> None:
    async def chats(_query: ListChats) -> list[ChatRecord]:
        return [ChatRecord(id=1, ids=[1], telegram_id=1, type="group", title="я" * 600_000)]

    code, _, field = asked(nats_url, namespace, {ListChats.subject: chats}, lambda: refused(ListChats()))
    assert (code, field) == ("invalid", "limit")


def test_server_that_is_not_there_is_said_within_seconds(namespace: str) -> None:
    code, message, _ = asked("nats://127.0.0.1:1", namespace, {}, lambda: refused(ListChats()))
    assert code == "unavailable"
    assert "Is NATS running?" in message
