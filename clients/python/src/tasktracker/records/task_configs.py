"""Records of task configs."""

from tasktracker.record import Record
from tasktracker.records.common import TaskConfigRecord


class TaskConfigPage(Record, frozen=True, kw_only=True):
    """Task configs, by name."""

    items: list[TaskConfigRecord]
    next_cursor: str | None = None
