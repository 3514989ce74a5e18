"""Records of merges."""

from tasktracker.record import Record
from tasktracker.records.common import MergeRecord


class MergeItems(Record, frozen=True, kw_only=True):
    """The latest merges, newest first; at most a hundred."""

    items: list[MergeRecord]
    next_cursor: str | None = None
