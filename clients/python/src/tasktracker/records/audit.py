"""Records of audit."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class AuditRecord(Record, frozen=True, kw_only=True):
    """An entry as it is shown.

    Attributes:
        id: Grows.
        at: When it began.
        kind: `change` for a request that is no reading, `sign_in` for a session that began, `guesses` for
            wrong keys from one address within a minute.
        key_id: Whose; null for guesses.
        key_name: Its name at that time.
        method: Of the request.
        route: Its template, for example `/api/v1/keys/{key_id}`.
        path: As it was asked for, without its query.
        address: From where.
        attempts: How many guesses; 1 for everything else.
        status: The HTTP status that answered it; null while it is worked on, and for good when the gateway
            died meanwhile: then it was done or not.
        run_id: The chain that it began, whose trace has the rest; null for none.
        ended_at: When it was answered.
    """

    id: int
    at: datetime
    kind: str
    key_id: UUID | None = None
    key_name: str
    method: str
    route: str
    path: str
    address: str
    attempts: int
    status: int | None = None
    run_id: UUID | None = None
    ended_at: datetime | None = None


class AuditItems(Record, frozen=True, kw_only=True):
    """Entries, newest first."""

    items: list[AuditRecord]
    next_cursor: str | None = None
