"""A window of time, read page by page in the order sent, and how much was said in it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.ingestion.merge import Road
from services.ingestion.queries import find_messages, page_of_window, size_of_window
from services.ingestion.saving import save_messages
from services.ingestion.telegram.content import Part, written
from services.ingestion.telegram.incoming import IncomingChat, IncomingMessage, IncomingUser
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages, ListWindow, MeasureWindow, MessageText
from shared.messaging.transaction import transaction
from tests.conftest import Database
from tests.integration.bound import bound

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UNTIL = SINCE + 60 * MINUTE
GROUP, SUPERGROUP, OTHER = -77, -1000000000088, -1000000000099
Within = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture
def within(database: Database, nats_url: str, namespace: str) -> Within:
    """Be ingestion."""

    def run(scenario: Callable[[], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
                return await scenario()

        return asyncio.run(inside())

    return run


def said(
    number: int, minute: float, words: str | None = "каса лежить", chat: int = SUPERGROUP, **more: Any
) -> IncomingMessage:
    content = written([Part(words)]) if words else None
    return IncomingMessage(
        chat=IncomingChat(chat, "supergroup", "Каси"),
        telegram_message_id=number,
        sent_at=SINCE + minute * MINUTE,
        kind="text" if content else "photo",
        text=content.text if content else "[photo]",
        has_text=content is not None,
        content_hash=content.content_hash if content else bytes(16),
        sender=IncomingUser(5, "Олена"),
        **more,
    )


async def save(*messages: IncomingMessage) -> None:
    async with transaction() as tx:
        await save_messages(tx, Road.EXPORT, messages)


async def ids_of(*telegram_ids: int) -> list[int]:
    """Our ids of chats."""
    async with transaction() as tx:
        statement = text("SELECT id FROM ingestion.chats WHERE telegram_id = ANY(:ids) ORDER BY id")
        return list((await tx.execute(statement, {"ids": list(telegram_ids)})).scalars())


async def paged(**given: Any) -> list[list[MessageText]]:
    """All pages of the window."""
    pages, cursor = [], None
    while True:
        page = await page_of_window(
            ListWindow(**({"since": SINCE, "until": UNTIL, "cursor": cursor} | given))
        )
        pages.append(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def telegram_ids(pages: Sequence[Sequence[MessageText]]) -> list[int]:
    """Telegram's ids of what is on the pages, in order."""
    ours = [item.id for page in pages for item in page]
    found = {each.id: each.telegram_message_id for each in await find_messages(GetMessages(message_ids=ours))}
    return [found[number] for number in ours]


def test_window_begins_with_its_first_moment_and_ends_before_its_last(within: Within) -> None:
    async def scenario() -> Any:
        await save(said(1, -0.1), said(2, 0), said(3, 59.9), said(4, 60), said(5, 30, None))
        size = await size_of_window(MeasureWindow(since=SINCE, until=UNTIL))
        return await telegram_ids(await paged()), size

    found, size = within(scenario)
    assert found == [2, 3], "what is no text is left out, too"
    assert (size.messages, size.bytes, size.chats) == (2, 2 * len("каса лежить".encode()), 1)


def test_pages_follow_each_other_without_gap_or_repetition_also_within_a_second(within: Within) -> None:
    async def scenario() -> Any:
        await save(*(said(number, 10 if number < 8 else 5) for number in range(1, 12)))
        pages = await paged(limit=4)
        return [len(page) for page in pages], await telegram_ids(pages)

    sizes, found = within(scenario)
    assert sizes == [4, 4, 3]
    assert found == [8, 9, 10, 11, 1, 2, 3, 4, 5, 6, 7]


def test_last_page_that_is_full_is_the_last(within: Within) -> None:
    async def scenario() -> Any:
        await save(*(said(number, number) for number in range(1, 5)))
        return [len(page) for page in await paged(limit=2)]

    assert within(scenario) == [2, 2]


def test_page_of_long_texts_stays_within_one_answer(within: Within) -> None:
    async def scenario() -> Any:
        await save(*(said(number, number / 10, f"{number} " + "ї" * 4000) for number in range(1, 151)))
        return [sum(len(item.text.encode()) for item in page) for page in await paged()]

    sizes = within(scenario)
    assert max(sizes) <= 512 * 1024
    assert len(sizes) == 3
    assert sum(sizes) > 150 * 8000


def test_only_the_chats_that_are_asked_for(within: Within) -> None:
    async def scenario() -> Any:
        await save(said(1, 1), said(2, 2, chat=OTHER), said(3, 3))
        chat_ids = await ids_of(OTHER)
        size = await size_of_window(MeasureWindow(since=SINCE, until=UNTIL, chat_ids=chat_ids))
        everything = await size_of_window(MeasureWindow(since=SINCE, until=UNTIL))
        unknown = await paged(chat_ids=[987_654])
        return await telegram_ids(await paged(chat_ids=chat_ids)), size.messages, everything.chats, unknown

    assert within(scenario) == ([2], 1, 2, [[]])


@pytest.mark.parametrize("asked", [GROUP, SUPERGROUP])
def test_chat_that_moved_is_one_chat_by_its_old_id_and_its_new_one(within: Within, asked: int) -> None:
    async def scenario() -> Any:
        await save(said(1, 1, chat=GROUP), said(2, 2, migrate_from_chat_id=GROUP), said(3, 3, chat=OTHER))
        chat_ids = await ids_of(asked)
        size = await size_of_window(MeasureWindow(since=SINCE, until=UNTIL, chat_ids=chat_ids))
        pages = await paged(chat_ids=chat_ids)
        return [item.text for page in pages for item in page], {item.chat_id for item in pages[0]}, size

    texts, chats, size = within(scenario)
    assert len(texts) == 2
    assert len(chats) == 1
    assert (size.messages, size.chats) == (2, 1)


def test_empty_window_has_one_empty_page(within: Within) -> None:
    async def scenario() -> Any:
        return await paged(), await size_of_window(MeasureWindow(since=SINCE, until=UNTIL))

    pages, size = within(scenario)
    assert pages == [[]]
    assert (size.messages, size.bytes, size.chats) == (0, 0, 0)


def test_cursor_that_is_none_is_refused(within: Within) -> None:
    async def scenario() -> str:
        with pytest.raises(QueryError) as refused:
            await paged(cursor="nonsense")
        return refused.value.code

    assert within(scenario) == "invalid"
