"""Records of labels."""

from datetime import datetime

from tasktracker.record import Record


class LabelRecord(Record, frozen=True, kw_only=True):
    """Which topic a message is of, as a person gave or confirmed it.

    Attributes:
        source: `given` to the message itself, or `confirmed` with the topic, which it alone is of.
        by: The person.
    """

    message_id: int
    topic_id: int
    source: str
    by: str
    at: datetime


class LabelItems(Record, frozen=True, kw_only=True):
    """A page of labels in the order of their messages' ids; `next_cursor` is null on the last page."""

    items: list[LabelRecord]
    next_cursor: str | None = None
