"""The sample chat that a fresh installation imports."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import deploy.local
from services.ingestion.telegram.incoming import IncomingChat, IncomingMessage
from tests.unit.ingestion.shapes import items

SAMPLE = Path(next(iter(deploy.local.__path__))) / "sample" / "result.json"


@pytest.fixture(scope="module")
def raw() -> list[dict[str, Any]]:
    found = json.loads(SAMPLE.read_bytes())["messages"]
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def messages() -> list[IncomingMessage]:
    chat, *read = items(SAMPLE.read_bytes())
    assert chat == IncomingChat(-1002148807731, "supergroup", "Полиця — команда")
    return [item for item in read if isinstance(item, IncomingMessage)]


def test_every_message_is_readable(raw: list[dict[str, Any]], messages: list[IncomingMessage]) -> None:
    assert len(messages) == len(raw) >= 400


def test_ids_and_times_rise(messages: list[IncomingMessage]) -> None:
    ids = [message.telegram_message_id for message in messages]
    times = [message.sent_at for message in messages]
    assert ids == sorted(set(ids))
    assert times == sorted(times)
    assert times[0] >= datetime(2026, 10, 5, tzinfo=UTC)
    assert times[-1] - times[0] < timedelta(weeks=3)


def test_work_is_done_on_weekdays(messages: list[IncomingMessage]) -> None:
    days = Counter(message.sent_at.weekday() for message in messages)
    assert days[5] + days[6] < 10
    assert all(days[day] > 50 for day in range(5))


def test_local_dates_are_kyiv_time(raw: list[dict[str, Any]]) -> None:
    for message in raw:
        local = datetime.fromisoformat(message["date"] + "+03:00")
        assert local.timestamp() == int(message["date_unixtime"])


def test_replies_and_topics_lead_somewhere(messages: list[IncomingMessage]) -> None:
    ids = {message.telegram_message_id for message in messages}
    assert {message.reply_to_message_id for message in messages} - {None} <= ids
    assert len({message.thread_id for message in messages} - {None}) == 3
    assert sum(message.reply_to_message_id is not None for message in messages) > 80


def test_kinds_of_a_real_chat_are_in_it(messages: list[IncomingMessage]) -> None:
    kinds = {message.kind for message in messages}
    assert kinds >= {"text", "photo", "sticker", "voice", "video", "document", "poll", "service"}
    marks = {entity.type for message in messages for entity in message.entities}
    assert marks >= {"bold", "code", "pre", "url", "text_link", "mention", "hashtag"}
    assert any(message.edited_at for message in messages)
    assert any(message.forward for message in messages)
    assert len({message.sender.telegram_id for message in messages if message.sender}) == 8
