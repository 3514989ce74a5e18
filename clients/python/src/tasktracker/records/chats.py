"""Records of chats."""

from tasktracker.record import Record
from tasktracker.records.common import ChatRecord


class ChatItems(Record, frozen=True, kw_only=True):
    """All chats, by title."""

    items: list[ChatRecord]
    next_cursor: str | None = None
