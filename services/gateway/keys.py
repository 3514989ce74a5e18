"""API keys as values: made, hashed and judged; no I/O."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Scope = Literal["read", "write", "admin"]

SHORTEST_KEY = 16
_PREFIX = "tt_"


@dataclass(frozen=True)
class ApiKey:
    """A key as it was looked up; what was hashed is never kept.

    Attributes:
        id: Names the key in tickets and logs.
        name: For a person; stands as the author of what was done with it.
        key_hash: SHA-256 of the key with which it was found: the present one, or the one before a rotation.
        scopes: What it may do; `admin` may do everything.
        valid_until: From then on this text of it opens nothing; None is for ever.
        revoked: It opens nothing any more.
        rotated: It was found by the text from before its rotation.
    """

    id: UUID
    name: str
    key_hash: bytes
    scopes: frozenset[str]
    valid_until: datetime | None = None
    revoked: bool = False
    rotated: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether the key has this scope."""
        return scope in self.scopes or "admin" in self.scopes

    def refusal(self, now: datetime) -> str | None:
        """Why it opens nothing; None when it is good."""
        if self.revoked:
            return f"The API key {self.name!r} was revoked."
        if self.valid_until is not None and now >= self.valid_until:
            how = "was rotated: use its new text" if self.rotated else "has expired"
            return f"The API key {self.name!r} {how}."
        return None


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
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
    prefix: str | None
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    rotated_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None


def new_key() -> tuple[str, str]:
    """A new random key of 256 bits, and its prefix, by which it is recognised and which opens nothing."""
    prefix = _PREFIX + secrets.token_hex(4)
    return f"{prefix}_{secrets.token_urlsafe(32)}", prefix


def hash_key(key: str) -> bytes:
    """SHA-256 of a key. A key is random and long, so that a slow hash would protect nothing more."""
    return hashlib.sha256(key.encode()).digest()
