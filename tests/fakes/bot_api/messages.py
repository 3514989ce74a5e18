"""What people write, as Telegram tells bots of it."""

from typing import Any

CHAT: dict[str, Any] = {"id": -1001000000001, "type": "supergroup", "title": "Команда"}
_BEGAN = 1_772_000_000


def a_message(
    number: int, text: str, *, user: int = 501, chat: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An update, without its number, that brings a message."""
    return {
        "message": {
            "message_id": number,
            "date": _BEGAN + number,
            "chat": chat or CHAT,
            "from": {"id": user, "is_bot": False, "first_name": f"Person {user}"},
            "text": text,
        }
    }


def a_jpeg(content: bytes = b"a face") -> bytes:
    """What begins as a JPEG does."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + content + b"\xff\xd9"
