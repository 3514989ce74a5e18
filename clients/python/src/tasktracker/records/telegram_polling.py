"""Records of telegram polling."""

from datetime import datetime

from tasktracker.record import Record


class PollingRecord(Record, frozen=True, kw_only=True):
    """Whether updates are fetched, and how that goes.

    Attributes:
        on: Whether they are.
        last_update_at: When an update came last.
        last_error: What goes wrong at present, and what to do.
        last_error_at: When it went wrong last.
    """

    on: bool
    last_update_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
