"""Records of telegram chats."""

from datetime import datetime

from tasktracker.record import Record


class TelegramChatRecord(Record, frozen=True, kw_only=True):
    """A chat that the account is in.

    Attributes:
        telegram_id: As the Bot API writes it: what a job takes.
        type: One of `private`, `group`, `supergroup`, `channel`.
        title: Its title; of a private chat the other person's name.
        is_private: A talk between two; a job reads it only when `include_private` says so.
        migrated_to: For a group that became a supergroup, the Telegram id of that one.
        chat_id: Our id of the chat, where it is known here.
        messages: How many of its messages are here.
    """

    telegram_id: int
    type: str
    title: str | None = None
    username: str | None = None
    is_private: bool = False
    is_forum: bool = False
    migrated_to: int | None = None
    last_message_at: datetime | None = None
    chat_id: int | None = None
    messages: int = 0


class TelegramChatPage(Record, frozen=True, kw_only=True):
    """A page of chats, those with the latest messages first.

    Attributes:
        items: The chats.
        listed_at: When Telegram listed them.
        next_cursor: None on the last page.
    """

    items: list[TelegramChatRecord]
    listed_at: datetime
    next_cursor: str | None = None
