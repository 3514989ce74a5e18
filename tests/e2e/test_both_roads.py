"""The same chat by webhook and by export, twice each, in any order, through the whole system."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import pytest

from tests.system import UNDERSTANDING, System, nats_address, running_system, wait_for
from tests.unit.ingestion.shapes import OLENA, SENT, bot_message, export, exported_message

ORDERS = ("WEWE", "EWEW", "WWEE", "EEWW")
MESSAGES = 40

BAD_BODIES: list[tuple[str, bytes]] = [
    ("not JSON", b"hello"),
    ("empty", b""),
    ("not UTF-8", b'{"update_id": 1, "message": {"text": "\xff\xfe"}}'),
    ("too large", b'{"update_id": 1, "message": {"text": "' + b"x" * 2_000_000 + b'"}}'),
    ("a list", b"[]"),
    ("nothing", b"{}"),
    ("unknown kind", b'{"update_id": 2, "something_new": {"x": 1}}'),
    ("wrong types", b'{"update_id": "x", "message": "y"}'),
    ("message of wrong types", b'{"update_id": 3, "message": {"message_id": [], "date": {}, "chat": 5}}'),
    ("no chat", b'{"update_id": 4, "message": {"message_id": 5, "date": 1791180397, "text": "x"}}'),
    ("huge id", json.dumps({"update_id": 5, "message": bot_message(message_id=2**70, text="x")}).encode()),
    (
        "date of no calendar",
        json.dumps({"update_id": 6, "message": bot_message(date=10**18, text="x")}).encode(),
    ),
    ("nested deep", b'{"update_id": 7, "message": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001),
    ("half a character", rb'{"update_id": 8, "message": {"message_id": 5, "date": 1, "text": "\ud800"}}'),
]
ODD_BUT_GOOD = {
    "no sender": bot_message(message_id=901, text="без автора", **{"from": None}),
    "zero byte": bot_message(message_id=903, text="a\x00b"),
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("roads") / "system", without=UNDERSTANDING) as started:
        yield started


def is_idle(system: System) -> bool:
    """Whether nothing waits in any queue or outbox, but for what is sent to the programs left out."""
    return (
        left_in(system, "_WQ") == 0
        and system.count("SELECT count(*) FROM ingestion.outbox WHERE sent_at IS NULL") == 0
        and system.count("SELECT count(*) FROM scoring.outbox WHERE sent_at IS NULL") == 0
        and left_in(system, "_WQ") == 0
    )


def left_in(system: System, kind: str) -> int:
    """Messages for programs that run, in the streams whose name ends so."""

    async def count() -> int:
        client = await nats.connect(nats_address(system.house))
        try:
            js = client.jetstream()
            found = 0
            for stream in await js.streams_info():
                name = stream.config.name or ""
                if name.endswith(kind):
                    info = await js.stream_info(name, subjects_filter=">")
                    found += sum(
                        messages
                        for subject, messages in (info.state.subjects or {}).items()
                        if not set(subject.split(".")) & set(UNDERSTANDING)
                    )
            return found
        finally:
            await client.close()

    return asyncio.run(count())


def by_webhook(system: System, chat: int) -> None:
    for number in range(1, MESSAGES + 1):
        about = {"id": -1_000_000_000_000 - chat, "type": "supergroup", "title": "Полиця"}
        fields: dict[str, Any] = {"message_id": number, "date": SENT + number, "chat": about}
        fields["text"] = words(number)
        if number % 5 == 0:
            replied = {"message_id": number - 1, "date": SENT + number - 1, "chat": about}
            fields["reply_to_message"] = replied
        if number % 7 == 0:
            fields["edit_date"] = SENT + number + 30
        kind = "edited_message" if "edit_date" in fields else "message"
        update = {"update_id": 1000 * chat + number, kind: bot_message(**fields)}
        assert system.post_update(update).status_code == 200


def by_export(system: System, chat: int, folder: Path) -> None:
    messages = []
    for number in range(1, MESSAGES + 1):
        fields: dict[str, Any] = {"id": number, "date_unixtime": str(SENT + number)}
        if number % 5 == 0:
            fields["reply_to_message_id"] = number - 1
        if number % 7 == 0:
            fields["edited_unixtime"] = str(SENT + number + 30)
        text = words(number)
        messages.append(
            exported_message(**fields, text=text, text_entities=[{"type": "plain", "text": text}])
        )
    file = folder / f"{chat}.json"
    file.write_bytes(export(*messages, id=chat))
    job_id = system.import_export(file)
    wait_for(lambda: system.is_over(job_id), "the import ends")
    assert system.job(job_id)["status"] == "completed"


def words(number: int) -> str:
    return f"Вирішили: крок {number} робимо до п'ятниці" if number % 3 else f"ок {number} 👍"


def rows(system: System, chat: int) -> dict[str, list[tuple[Any, ...]]]:
    """What the database has of a chat, without the ids that it gave."""
    telegram_id = -1_000_000_000_000 - chat
    chats = "JOIN ingestion.chats chat ON chat.id = message.chat_id AND chat.telegram_id = $1"
    return {
        "messages": system.rows(
            f"""
            SELECT message.telegram_message_id, profile.telegram_id, profile.display_name, message.sent_at,
                message.edited_at, message.kind, message.text, message.content_hash, message.entities::text,
                message.reply_to_message_id IS NOT NULL, message.thread_id, message.roads
            FROM ingestion.messages message {chats}
            LEFT JOIN ingestion.telegram_profiles profile ON profile.user_id = message.author_id
            ORDER BY 1
            """,  # noqa: S608 - our own words
            telegram_id,
        ),
        "versions": system.rows(
            f"""
            SELECT message.telegram_message_id, version.text FROM ingestion.message_versions version
            JOIN ingestion.messages message ON message.id = version.message_id {chats} ORDER BY 1, 2
            """,  # noqa: S608
            telegram_id,
        ),
        "scores": system.rows(
            f"""
            SELECT message.telegram_message_id, score.scored_class, score.content_hash
            FROM scoring.scores score JOIN ingestion.messages message ON message.id = score.message_id {chats}
            ORDER BY 1
            """,  # noqa: S608
            telegram_id,
        ),
    }


def test_any_order_of_both_roads_leaves_the_same_rows(system: System, tmp_path: Path) -> None:
    found = {}
    for chat, order in enumerate(ORDERS, start=2_000_000_001):
        for road in order:
            by_webhook(system, chat) if road == "W" else by_export(system, chat, tmp_path)
    wait_for(lambda: is_idle(system), "nothing is left to do")
    for chat, order in enumerate(ORDERS, start=2_000_000_001):
        found[order] = rows(system, chat)
    first = found[ORDERS[0]]
    assert [len(first["messages"]), len(first["scores"])] == [MESSAGES, MESSAGES]
    assert {row[1] for row in first["messages"]} == {OLENA["id"]}
    for order in ORDERS[1:]:
        assert found[order] == first, order
    assert system.count("SELECT count(*) FROM ingestion.users") == 1
    assert left_in(system, "_XQ") == 0


def test_bad_bodies_never_lose_a_good_update_behind_them(system: System) -> None:
    secret = {"X-Telegram-Bot-Api-Secret-Token": system.house.secrets["webhook_secret"]}
    for number, (name, body) in enumerate(BAD_BODIES, start=1):
        answer = system.client.post("/webhook/telegram", content=body, headers=secret)
        assert answer.status_code < 500, (name, answer.text)
        assert "Traceback" not in answer.text
        good = bot_message(message_id=5000 + number, text=f"добре повідомлення {number}")
        assert system.post_update({"update_id": 5000 + number, "message": good}).status_code == 200
    for number, message in enumerate(ODD_BUT_GOOD.values()):
        assert system.post_update({"update_id": 6000 + number, "message": message}).status_code == 200
    wait_for(lambda: is_idle(system), "nothing is left to do")
    ids = {
        row[0]
        for row in system.rows(
            "SELECT telegram_message_id FROM ingestion.messages WHERE telegram_message_id > 900"
        )
    }
    assert ids == {5000 + number for number in range(1, len(BAD_BODIES) + 1)} | {901, 903}
    scored = "SELECT count(*) FROM scoring.scores s JOIN ingestion.messages m ON m.id = s.message_id"
    assert system.count(f"{scored} WHERE m.telegram_message_id > 900") == len(ids)
    assert left_in(system, "_XQ") == 0, "nothing bad was laid aside as a defect"
