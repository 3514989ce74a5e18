"""Records of session."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class Who(Record, frozen=True, kw_only=True):
    """Who asks.

    Attributes:
        key_id: The key's id.
        name: The key's name, which stands as the author of what is done.
        scopes: What the key may do; `admin` may do everything.
        csrf_token: For the header `X-CSRF-Token` of what changes something; null for who came by a key.
        expires_at: When the session ends, or the key that asked; null is never.
    """

    key_id: UUID
    name: str
    scopes: list[str]
    csrf_token: str | None = None
    expires_at: datetime | None = None
