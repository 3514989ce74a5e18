"""Records of keys."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class KeyRecord(Record, frozen=True, kw_only=True):
    """A key as people see it; its text is shown once, when it is made or rotated.

    Attributes:
        id: Names it here and in the audit log.
        name: For a person; stands as the author of what is done with it. No other key that is good has it.
        prefix: What its text begins with; null when it was given by `TT_BOOTSTRAP_API_KEY`.
        scopes: What it may do; `admin` may do everything.
        created_by: The name of the key that made it; empty for the first one.
        expires_at: From then on it opens nothing; null is never.
        last_used_at: When it was used last, up to a minute late; null is never.
        rotated_at: When it got its present text; null is when it was made.
        previous_until: Until then the text from before the rotation is good, too; null when it is not.
        revoked_at: Since then it opens nothing, for good; it is kept for the audit log.
    """

    id: UUID
    name: str
    prefix: str | None = None
    scopes: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    rotated_at: datetime | None = None
    previous_until: datetime | None = None
    revoked_at: datetime | None = None


class KeyItems(Record, frozen=True, kw_only=True):
    """Keys, newest first."""

    items: list[KeyRecord]
    next_cursor: str | None = None


class KeyWithText(Record, frozen=True, kw_only=True):
    """A key that was just made or rotated.

    Attributes:
        key: The key.
        text: What to send as `Authorization: Bearer <text>`. Shown this once; null when the request was a
            repeated one, whose `Idempotency-Key` was answered before.
    """

    key: KeyRecord
    text: str | None = None
