"""A page of a chat's history, as `messages.getHistory` answers it: newest first, 100 messages at the most.

Telegram may answer fewer than were asked for though there are more, and, on a bad connection, messages that
it sent before. So the end is a page with nothing on it, and what is not older than the last one is passed
over.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.ingestion.telegram.fields import Unreadable
from services.ingestion.telegram.history_kinds import constructor
from services.ingestion.telegram.history_messages import history_chat, peers_by_id, read_history_message
from services.ingestion.telegram.incoming import IncomingChat, IncomingMessage

_UNKNOWN_FORM = "it has a form that this version does not know"


@dataclass(frozen=True, slots=True)
class Window:
    """Which messages are wanted: `since` is inclusive, `until` is not."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Page:
    """What a page says.

    Attributes:
        chat: As the page tells of it.
        messages: Oldest first, so that rows are made in the order sent.
        errors: Position and reason of each message that cannot be read.
        oldest_id: Where the next page goes on; as before when this one had nothing new.
        is_empty: There was nothing on it.
        is_last: Nothing older is wanted, or nothing older is there.
        total: About how many messages the chat has, where Telegram says so.
    """

    chat: IncomingChat
    messages: list[IncomingMessage] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    oldest_id: int = 0
    is_empty: bool = False
    is_last: bool = False
    total: int | None = None


def read_page(answer: Any, chat: IncomingChat, before: int, window: Window, self_id: int | None) -> Page:
    """What an answer to `messages.getHistory` says.

    Args:
        answer: One of the constructors of `messages.Messages`.
        chat: Whose history it is, as known so far.
        before: The oldest message that was read already, or 0.
        window: Which messages are wanted.
        self_id: Of the account that reads.
    """
    raw = getattr(answer, "messages", None) or []
    peers = peers_by_id(getattr(answer, "users", None) or (), getattr(answer, "chats", None) or ())
    entity = peers.get(chat.telegram_id)
    page = Page(chat if entity is None else history_chat(chat.telegram_id, entity))
    page.total, page.is_empty = getattr(answer, "count", None), not raw
    # A dict, as a page has been seen to hold a message twice.
    older = {message.id: message for message in raw if not before or message.id < before}
    page.oldest_id = min(older, default=before)
    page.is_last = page.is_empty or page.oldest_id == 1
    for _, message in sorted(older.items()):
        if constructor(message) != "MessageEmpty":
            _take(page, message, peers, window, self_id)
    return page


def _take(page: Page, message: Any, peers: dict[int, Any], window: Window, self_id: int | None) -> None:
    try:
        read = read_history_message(message, page.chat, peers, self_id)
    except Unreadable as fault:
        _refuse(page, message, str(fault))
        return
    except (AttributeError, TypeError, ValueError):
        _refuse(page, message, _UNKNOWN_FORM)
        return
    if window.since is not None and read.sent_at < window.since:
        page.is_last = True
    elif window.until is None or read.sent_at < window.until:
        page.messages.append(read)


def _refuse(page: Page, message: Any, reason: str) -> None:
    position = f"chat {page.chat.telegram_id}, message {message.id}"
    page.errors.append((position, f"Message {message.id} cannot be imported: {reason}."))
