"""Who comes in: an API key as Bearer or a session's cookie, its scope, and the entry in the audit log."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from services.gateway.access import READING, Access, needed
from services.gateway.audit import ENTRY, AuditLog
from services.gateway.audit_records import Entry, storable_path
from services.gateway.door import Door, door_of
from services.gateway.keyring import DATABASE_ERRORS, KeyRing
from services.gateway.keys import ApiKey, Scope, hash_key
from services.gateway.problems import ProblemError
from services.gateway.sessions import CSRF_HEADER, SignedIn, hash_session_id

__all__ = [
    "DATABASE_ERRORS",
    "KeyRing",
    "bearer_token",
    "caller",
    "guard",
    "session_of",
    "signed_in",
]

Connection = ASGIConnection[Any, Any, Any, Any]

FOR_PROMETHEUS: Final = "for_prometheus"
"""Set in a route's `opt`: the token of `TT_METRICS_TOKEN` opens it as well."""

_SESSION: Final = "tt_session"


@dataclass(frozen=True)
class _Shown:
    """What a request shows: a key's text, or a session's id."""

    token: str | None
    session_id: str | None

    @property
    def hash(self) -> bytes | None:
        if self.token is not None:
            return hash_key(self.token)
        return None if self.session_id is None else hash_session_id(self.session_id)


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a request in that has what its route needs; its key becomes the request's `auth`.

    A change is written to the audit log before anything else, so also one that is refused for its scope.

    Raises:
        ProblemError: 401 without a good key or session, 403 without the scope or, with a cookie, without the
        CSRF
            token, 429 for too much.
        QueryError: `unavailable`, when the database does not answer.
    """
    method = str(connection.scope.get("method", "GET"))
    access = needed(handler.opt, method)
    if access == "itself":
        return
    if handler.opt.get(FOR_PROMETHEUS) and _is_prometheus(connection):
        return
    door = door_of(connection)
    if access == "public":
        door.count_address(connection)
        return
    key, session = await _identify(connection, door)
    if method not in READING:
        if access != "read":
            await _begin_entry(connection, key)
        if session is not None:
            _check_csrf(connection, session)
    _check_scope(key, access)


def _is_prometheus(connection: Connection) -> bool:
    expected = connection.app.state.settings.metrics_token
    given = bearer_token(connection.headers.get("authorization"))
    return bool(expected and given) and hmac.compare_digest(str(given).encode(), str(expected).encode())


async def session_of(connection: Connection) -> SignedIn | None:
    """The good session whose cookie a request or a WebSocket carries; None when there is none.

    A wrong one counts as a guess.

    Whoever opens a WebSocket with it has to see to it that the page is ours, see `origins.is_own_origin`.

    Raises:
        QueryError: `unavailable`, while the database does not answer.
    """
    door = door_of(connection)
    session_id = connection.cookies.get(door.cookie)
    if not session_id or door.must_wait(connection, hash_session_id(session_id)):
        return None
    found = await _ring(connection).find_session(session_id)
    if found is None:
        door.note_guess(connection)
    return found if found is not None and found.refusal(datetime.now(UTC)) is None else None


def caller(connection: Connection) -> ApiKey:
    """The key that the guard let in."""
    return cast("ApiKey", connection.scope["auth"])


def signed_in(connection: Connection) -> SignedIn | None:
    """The session by which the guard let the request in; None when it came by a key."""
    return cast("SignedIn | None", connection.scope["state"].get(_SESSION))


async def _identify(connection: Connection, door: Door) -> tuple[ApiKey, SignedIn | None]:
    """Whose request this is; only a key that is good, and not over its limit, comes back."""
    shown = _Shown(
        token=bearer_token(connection.headers.get("authorization")),
        session_id=connection.cookies.get(door.cookie) or None,
    )
    door.refuse_guessing(connection, shown.hash)
    key, session, refusal = await _look_up(connection, door, shown)
    if key is None:
        door.count_address(connection)
        raise _unauthorized(refusal)
    door.count_key(connection, key.id.hex)
    door.welcome(connection, shown.hash or b"")
    _ring(connection).note_used(key, session)
    connection.scope["auth"] = key
    connection.scope["state"][_SESSION] = session
    return key, session


async def _look_up(
    connection: Connection, door: Door, shown: _Shown
) -> tuple[ApiKey | None, SignedIn | None, str]:
    """The good key and session of what is shown, or why there is none. A key goes before a cookie."""
    ring, now = _ring(connection), datetime.now(UTC)
    session: SignedIn | None = None
    if shown.token is not None:
        key = await ring.find_key(shown.token)
        refusal = "There is no such API key." if key is None else key.refusal(now)
    elif shown.session_id is not None:
        session = await ring.find_session(shown.session_id)
        key = None if session is None else session.key
        refusal = "There is no such session: sign in again." if session is None else session.refusal(now)
    else:
        return None, None, "Send an API key as `Authorization: Bearer <key>`, or sign in."
    if key is None:
        door.note_guess(connection)
    return (key, session, "") if refusal is None else (None, None, refusal)


async def _begin_entry(connection: Connection, key: ApiKey) -> None:
    log = cast("AuditLog", connection.app.state.audit_log)
    connection.scope["state"][ENTRY] = await log.begin(
        Entry(
            kind="change",
            key_id=key.id,
            key_name=key.name,
            method=str(connection.scope.get("method")),
            route=str(connection.scope.get("path_template", "")),
            path=storable_path(connection.scope["path"]),
            address=door_of(connection).address(connection),
        )
    )


def _check_csrf(connection: Connection, session: SignedIn) -> None:
    given = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
        raise ProblemError(
            403,
            f"With a session, changes need the header {CSRF_HEADER}; GET /api/v1/session tells its value.",
        )


def _check_scope(key: ApiKey, access: Access) -> None:
    if access != "known" and not key.may(cast("Scope", access)):
        raise ProblemError(403, f"The API key {key.name!r} lacks the scope {access!r}.")


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError(401, detail, headers={"WWW-Authenticate": 'Bearer realm="task-tracker"'})


def _ring(connection: Connection) -> KeyRing:
    return cast("KeyRing", connection.app.state.key_ring)
