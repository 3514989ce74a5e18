"""Messages as the Bot API and as Telegram Desktop's export write them, to build test cases from."""

import json
from typing import Any

from services.ingestion.telegram.export import ExportItem, read_export
from services.ingestion.telegram.incoming import IncomingMessage
from services.ingestion.telegram.updates import MessageUpdate, parse_update

BARE_CHAT_ID = 2148807731
CHAT_ID = -1002148807731
SENT = 1_791_180_397  # 2026-10-05T06:06:37Z

OLENA = {
    "id": 418230771,
    "is_bot": False,
    "first_name": "Олена",
    "last_name": "Кравчук",
    "language_code": "uk",
}


def bot_message(**fields: Any) -> dict[str, Any]:
    """A text message of the Bot API, with these fields changed, or left out where they are None."""
    message = {
        "message_id": 77,
        "date": SENT,
        "chat": {"id": CHAT_ID, "type": "supergroup", "title": "Полиця", "is_forum": True},
        "from": OLENA,
    }
    return {key: value for key, value in {**message, **fields}.items() if value is not None}


def saved(update_message: dict[str, Any], kind: str = "message") -> IncomingMessage:
    """The message that a webhook update with this message gives."""
    update = parse_update(json.dumps({"update_id": 900, kind: update_message}).encode())
    assert isinstance(update, MessageUpdate), update
    return update.message


def exported_message(**fields: Any) -> dict[str, Any]:
    """A text message of an export, with these fields changed, or left out where they are None."""
    message = {
        "id": 77,
        "type": "message",
        "date": "2026-10-05T09:06:37",
        "date_unixtime": str(SENT),
        "from": "Олена Кравчук",
        "from_id": "user418230771",
        "text": "",
        "text_entities": [],
    }
    return {key: value for key, value in {**message, **fields}.items() if value is not None}


def export(*messages: Any, **header: Any) -> bytes:
    """An export file of one chat."""
    chat = {
        "name": "Полиця",
        "type": "private_supergroup",
        "id": BARE_CHAT_ID,
        **header,
        "messages": list(messages),
    }
    return json.dumps(chat, ensure_ascii=False, indent=1).encode()


def items(file: bytes, chunk: int = 1 << 20) -> list[ExportItem]:
    """Everything in an export file, read in chunks of this size."""
    return list(read_export(file[start : start + chunk] for start in range(0, len(file), chunk)))


def imported(*messages: dict[str, Any], **header: Any) -> list[IncomingMessage]:
    """The messages that an export of these gives; all of them must be readable."""
    _, *read = items(export(*messages, **header))
    assert all(isinstance(item, IncomingMessage) for item in read), read
    return [item for item in read if isinstance(item, IncomingMessage)]
