"""The same chat by any road, in any order, as often as it likes: the same rows."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.ingestion.merge import Road
from services.ingestion.saving import save_messages
from services.ingestion.telegram.content import Part, written
from services.ingestion.telegram.incoming import (
    MIGRATED_ID_SHIFT,
    IncomingChat,
    IncomingMessage,
    IncomingUser,
)
from shared.messaging.transaction import Transaction, transaction
from tests.conftest import Database
from tests.integration.bound import bound

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
GROUP, SUPERGROUP = -77, -1000000000088
Step = tuple[Road, IncomingMessage]

TABLES = {
    "chats": """
        SELECT chat.telegram_id, chat.type, chat.title, chat.username, present.telegram_id AS migrated_to
        FROM ingestion.chats chat LEFT JOIN ingestion.chats present ON present.id = chat.migrated_to_id
    """,
    "profiles": """
        SELECT telegram_id, display_name, first_name, username, is_bot FROM ingestion.telegram_profiles
    """,
    "messages": """
        SELECT chat.telegram_id, message.telegram_message_id, profile.telegram_id, message.sent_at,
            message.edited_at, message.kind, message.text, message.content_hash, message.entities,
            message.reply_to_message_id, message.thread_id, message.forward, message.roads
        FROM ingestion.messages message JOIN ingestion.chats chat ON chat.id = message.chat_id
        LEFT JOIN ingestion.telegram_profiles profile ON profile.user_id = message.author_id
    """,
    "versions": """
        SELECT chat.telegram_id, message.telegram_message_id, version.written_at, version.text
        FROM ingestion.message_versions version
        JOIN ingestion.messages message ON message.id = version.message_id
        JOIN ingestion.chats chat ON chat.id = message.chat_id
    """,
    "users": "SELECT count(*) FROM ingestion.users",
}


async def rows(tx: Transaction) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted((tuple(row) for row in await tx.execute(text(statement))), key=repr)
        for name, statement in TABLES.items()
    }


async def empty(tx: Transaction) -> None:
    await tx.execute(text("TRUNCATE ingestion.chats, ingestion.users, ingestion.outbox CASCADE"))


async def save_in_order(steps: list[Step]) -> dict[str, list[tuple[Any, ...]]]:
    async with transaction() as tx:
        await empty(tx)
    for road, message in steps:
        async with transaction() as tx:
            await save_messages(tx, road, [message])
    async with transaction() as tx:
        return await rows(tx)


async def save_as_batches(steps: list[Step], size: int) -> dict[str, list[tuple[Any, ...]]]:
    async with transaction() as tx:
        await empty(tx)
    for start in range(0, len(steps), size):
        for road in (Road.WEBHOOK, Road.EXPORT):
            batch = [message for way, message in steps[start : start + size] if way is road]
            if batch:
                async with transaction() as tx:
                    await save_messages(tx, road, batch)
    async with transaction() as tx:
        return await rows(tx)


def incoming(
    number: int, *, chat_id: int = SUPERGROUP, words: str = "hello", edited: int | None = None, **more: Any
) -> IncomingMessage:
    content = written([Part(words)])
    assert content is not None
    sent_at = START + timedelta(minutes=abs(number))
    fields: dict[str, Any] = {
        "chat": IncomingChat(chat_id, "group" if chat_id == GROUP else "supergroup", "Team"),
        "sender": IncomingUser(100 + number % 3, f"Person {number % 3}"),
        **more,
    }
    return IncomingMessage(
        telegram_message_id=number,
        sent_at=sent_at,
        kind="text",
        text=content.text,
        has_text=content.has_text,
        content_hash=content.content_hash,
        entities=content.entities,
        edited_at=None if edited is None else sent_at + timedelta(seconds=edited),
        **fields,
    )


@st.composite
def tellings(draw: st.DrawFn) -> list[Step]:
    """What the roads may tell: new messages, edits, changed names, a group that became a supergroup."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 6))):
        number = draw(st.integers(1, 4))
        chat_id = draw(st.sampled_from([GROUP, SUPERGROUP]))
        edited = draw(st.sampled_from([None, None, 5, 9]))
        words = f"text {number} {edited or 0}"
        steps.append(
            (Road.WEBHOOK, incoming(number, chat_id=chat_id, words=words, edited=edited, thread_id=7))
        )
        if draw(st.booleans()):
            steps.append((Road.EXPORT, incoming(number, chat_id=chat_id, words=words, edited=edited)))
    if draw(st.booleans()):
        told = incoming(50, chat_id=GROUP, words="moved", migrate_to_chat_id=SUPERGROUP)
        steps.append((Road.WEBHOOK, told))
    return steps


def test_any_order_and_any_repetition_leave_the_same_rows(
    database: Database, nats_url: str, namespace: str
) -> None:
    with asyncio.Runner() as runner:
        binding = bound("ingestion", database.url("ingestion"), nats_url, namespace)
        runner.run(binding.__aenter__())

        @settings(
            max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
        )
        @given(tellings(), st.data())
        def check(steps: list[Step], data: st.DataObject) -> None:
            expected = runner.run(save_in_order(steps))
            repeated = steps + data.draw(st.lists(st.sampled_from(steps), max_size=4))
            shuffled = data.draw(st.permutations(repeated))
            assert runner.run(save_in_order(shuffled)) == expected
            assert runner.run(save_as_batches(shuffled, data.draw(st.integers(1, 9)))) == expected

        check()
        runner.run(binding.__aexit__(None, None, None))


async def run_bound(database: Database, nats_url: str, namespace: str, steps: list[Step]) -> dict[str, Any]:
    async with bound("ingestion", database.url("ingestion"), nats_url, namespace):
        return await save_in_order(steps)


def test_later_name_wins_in_either_order(database: Database, nats_url: str, namespace: str) -> None:
    early = incoming(1, sender=IncomingUser(5, "Olena K"), chat=IncomingChat(SUPERGROUP, "supergroup", "Old"))
    late = incoming(2, sender=IncomingUser(5, "Olena P"), chat=IncomingChat(SUPERGROUP, "supergroup", "New"))
    for steps in ([early, late], [late, early], [late, early, early, late]):
        found = asyncio.run(
            run_bound(database, nats_url, namespace, [(Road.WEBHOOK, message) for message in steps])
        )
        assert found["profiles"][0][1] == "Olena P"
        assert found["chats"][0][2] == "New"


def test_edit_keeps_the_earlier_text_as_a_version(database: Database, nats_url: str, namespace: str) -> None:
    before, after = incoming(1, words="first"), incoming(1, words="second", edited=30)
    for steps in ([before, after], [after, before]):
        found = asyncio.run(
            run_bound(database, nats_url, namespace, [(Road.WEBHOOK, message) for message in steps])
        )
        assert [row[6] for row in found["messages"]] == ["second"]
        assert [row[3] for row in found["versions"]] == ["first"]


def test_message_of_a_former_group_is_one_row_by_webhook_and_by_the_supergroups_export(
    database: Database, nats_url: str, namespace: str
) -> None:
    by_webhook = (Road.WEBHOOK, incoming(3, chat_id=GROUP))
    moved = (Road.WEBHOOK, incoming(9, chat_id=GROUP, words="moved", migrate_to_chat_id=SUPERGROUP))
    exported = incoming(3)
    shifted = IncomingMessage(
        chat=exported.chat,
        telegram_message_id=3 + MIGRATED_ID_SHIFT,
        sent_at=exported.sent_at,
        kind=exported.kind,
        text=exported.text,
        has_text=True,
        content_hash=exported.content_hash,
        sender=exported.sender,
    )
    found = asyncio.run(run_bound(database, nats_url, namespace, [by_webhook, moved, (Road.EXPORT, shifted)]))
    assert [(row[0], row[1]) for row in found["messages"]] == [(GROUP, 3), (GROUP, 9)]
    assert found["chats"][1][4] == SUPERGROUP or found["chats"][0][4] == SUPERGROUP
