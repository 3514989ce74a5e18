"""Records of projects."""

from tasktracker.record import Record
from tasktracker.records.common import ProjectRecord


class ProjectPage(Record, frozen=True, kw_only=True):
    """Projects, by name."""

    items: list[ProjectRecord]
    next_cursor: str | None = None
