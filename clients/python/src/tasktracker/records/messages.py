"""Records of messages."""

from datetime import datetime
from typing import Any

from msgspec import field

from tasktracker.record import Record
from tasktracker.records.common import AuthorRecord, ChatRecord


class ScoreRecord(Record, frozen=True, kw_only=True):
    """The score of one message.

    Attributes:
        importance_score: In 0..1; noise is below 0.3, signal from 0.7.
        message_class: What holds: a person's correction where there is one, else the scorer's class. One of
            `noise`, `weak_signal`, `signal`.
        scored_class: The scorer's own class. One of `noise`, `weak_signal`, `signal`.
        noise_factors: Each factor's value (0..1), weight and contribution by its name.
        corrected_by: Who corrected the class, if anyone did.
    """

    message_id: int
    importance_score: float
    message_class: str
    scored_class: str
    noise_factors: dict[str, Any]
    scorer_version: str
    scored_at: datetime
    corrected_by: str | None = None


class MessageItem(Record, frozen=True, kw_only=True):
    """A message as it stands now, with its score.

    Attributes:
        id: Our id; `telegram_message_id` is Telegram's and unique only within its chat.
        kind: `text`, or the kind of media, or `service`.
        text: Text or caption; media without either has its kind in brackets, and `has_text` is false.
        content_hash: Hex digest of the text; two versions with the same hash say the same.
        versions: How many earlier versions are kept.
        score: `importance_score`, `message_class`, `noise_factors` and more; null while it has none.
    """

    id: int
    chat: ChatRecord
    telegram_message_id: int
    author: AuthorRecord | None = None
    kind: str
    text: str
    has_text: bool
    content_hash: str
    sent_at: datetime
    edited_at: datetime | None = None
    reply_to_message_id: int | None = None
    thread_id: int | None = None
    media_group_id: str | None = None
    is_forward: bool = False
    entities: list[dict[str, Any]] = field(default_factory=list)
    versions: int = 0
    score: ScoreRecord | None = None


class MessageItems(Record, frozen=True, kw_only=True):
    """A page of messages, newest first; `next_cursor` is null on the last page.

    Attributes:
        notes: What a reader should know of this answer, for example that scores are missing for now.
    """

    items: list[MessageItem]
    next_cursor: str | None = None
    notes: list[str] = field(default_factory=list)


class MessageVersionRecord(Record, frozen=True, kw_only=True):
    """One version of a message's text, numbered from 1 in the order in which they were written."""

    version: int
    text: str
    content_hash: str
    written_at: datetime
    is_current: bool


class VersionItems(Record, frozen=True, kw_only=True):
    """Every version of a message's text, oldest first."""

    items: list[MessageVersionRecord]
    next_cursor: str | None = None
