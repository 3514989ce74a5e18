"""Records of assignments."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class AssignmentRecord(Record, frozen=True, kw_only=True):
    """Which agent does a task config's runs: for one project, or all that have none of their own.

    Attributes:
        project_id: None is every project.
    """

    id: UUID
    task_config_id: UUID
    task_config_name: str
    agent_id: UUID
    agent_name: str
    project_id: UUID | None = None
    project_name: str | None = None
    created_at: datetime


class AssignmentItems(Record, frozen=True, kw_only=True):
    """All assignments, by task config and project."""

    items: list[AssignmentRecord]
    next_cursor: str | None = None
