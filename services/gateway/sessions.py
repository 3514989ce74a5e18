"""Sessions of the page as values: made, named, and told from requests that other sites forge; no I/O.

The browser keeps the session's id in a cookie that scripts cannot read. Requests that change something carry
the CSRF token too, which only a page of ours can have read: it is made of the id, so that nothing more is
kept.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.gateway.keys import ApiKey

CSRF_HEADER: Final = "X-CSRF-Token"
_PLAIN, _SECURE = "task-tracker-session", "__Host-task-tracker-session"


@dataclass(frozen=True)
class SignedIn:
    """A session as it was looked up.

    Attributes:
        id_hash: SHA-256 of its id.
        key: In whose name it is; it dies with it.
        csrf_token: What its requests carry in `X-CSRF-Token` when they change something.
        expires_at: Its end, whatever happens.
        idle_until: Its end, unless it is used before.
        ended: It was signed out.
    """

    id_hash: bytes
    key: ApiKey
    csrf_token: str
    expires_at: datetime
    idle_until: datetime
    ended: bool = False

    def refusal(self, now: datetime) -> str | None:
        """Why it opens nothing; None when it is good."""
        if self.ended or now >= min(self.expires_at, self.idle_until):
            return "The session has ended: sign in again."
        return self.key.refusal(now)


def new_session_id() -> str:
    """A new random id of 256 bits."""
    return secrets.token_urlsafe(32)


def hash_session_id(session_id: str) -> bytes:
    """SHA-256 of an id: what is kept of it."""
    return hashlib.sha256(b"session:" + session_id.encode()).digest()


def csrf_token(session_id: str) -> str:
    """The CSRF token of a session; says nothing about its id."""
    return hmac.new(session_id.encode(), b"csrf", hashlib.sha256).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """The cookie's name. Over https its prefix has browsers refuse it from anywhere but this very host.

    After https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/ section 4.1.3.2.
    """
    return _SECURE if secure else _PLAIN


def write_cookie(session_id: str, lasts: timedelta, *, secure: bool) -> str:
    """The `Set-Cookie` that keeps a session; of no time it takes it away."""
    attributes = f"Path=/; Max-Age={int(lasts.total_seconds())}; HttpOnly; SameSite=Strict"
    return f"{cookie_name(secure=secure)}={session_id}; {attributes}{'; Secure' if secure else ''}"
