"""API keys and WebSocket tickets as values: made, hashed, signed and verified; no I/O."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Scope = Literal["read", "write", "admin"]

TICKET_SECONDS = 30
SHORTEST_KEY = 16
_PREFIX = "tt_"


@dataclass(frozen=True)
class ApiKey:
    """A key that may come in; what was hashed is never kept.

    Attributes:
        id: Names the key in tickets and logs.
        name: For a person; stands as the author of what was done with it.
        key_hash: SHA-256 of the key.
        scopes: What it may do; `admin` may do everything.
    """

    id: UUID
    name: str
    key_hash: bytes
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Whether the key has this scope."""
        return scope in self.scopes or "admin" in self.scopes


def new_key() -> str:
    """A new random key of 256 bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> bytes:
    """SHA-256 of a key. A key is random and long, so that a slow hash would protect nothing more."""
    return hashlib.sha256(key.encode()).digest()


def make_ticket(key: ApiKey, now: datetime) -> str:
    """A ticket that opens a WebSocket in the name of a key for the next 30 seconds.

    It is signed with the key's hash, so that nothing has to be kept and a deleted key's tickets die with it.
    """
    expires = int(now.timestamp()) + TICKET_SECONDS
    claim = f"{key.id.hex}.{expires}"
    return f"{claim}.{_sign(key, claim)}"


def ticket_key_id(ticket: str) -> UUID | None:
    """Which key a ticket claims to be of; None when it is not of a ticket's form."""
    try:
        key_id, _, _ = ticket.split(".")
        return UUID(hex=key_id)
    except ValueError:
        return None


def ticket_is_valid(ticket: str, key: ApiKey, now: datetime) -> bool:
    """Whether the ticket was signed with this key and has not expired; any signature takes the same time."""
    claim, _, signature = ticket.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(key, claim).encode()):
        return False
    return int(claim.partition(".")[2]) > now.timestamp()


def _sign(key: ApiKey, claim: str) -> str:
    return hmac.new(key.key_hash, b"ws-ticket:" + claim.encode(), hashlib.sha256).hexdigest()
