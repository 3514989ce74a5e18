"""Signing in and out: sessions begun and ended."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from litestar.connection import ASGIConnection

from services.gateway.audit import ENTRY, AuditLog
from services.gateway.audit_records import Entry
from services.gateway.auth import signed_in
from services.gateway.changes import tell_change
from services.gateway.door import door_of
from services.gateway.keyring import DATABASE_ERRORS, KeyRing
from services.gateway.keys import ApiKey, hash_key
from services.gateway.problems import ProblemError
from services.gateway.sessions import SignedIn, csrf_token, hash_session_id, new_session_id
from services.gateway.stores import sessions as session_store
from shared.contracts.errors import unavailable
from shared.messaging.transaction import transaction

Connection = ASGIConnection[Any, Any, Any, Any]


async def sign_in(connection: Connection, text: str) -> tuple[str, SignedIn]:
    """Begin a session in the name of a key; one that the browser had before ends.

    Args:
        connection: The request.
        text: The key's.

    Returns:
        The session's id, for the cookie alone, and the session.

    Raises:
        ProblemError: 401 when it is no good key, 429 after too many wrong ones.
        QueryError: `unavailable`, when the database does not answer.
    """
    key = await _check(connection, text)
    door, log = door_of(connection), cast("AuditLog", connection.app.state.audit_log)
    connection.scope["state"][ENTRY] = await log.begin(
        Entry(
            kind="sign_in",
            key_id=key.id,
            key_name=key.name,
            method=str(connection.scope.get("method")),
            route=str(connection.scope.get("path_template", "")),
            path=connection.scope["path"],
            address=door.address(connection),
        )
    )
    session_id, now = new_session_id(), datetime.now(UTC)
    before = connection.cookies.get(door.cookie)
    try:
        async with transaction() as tx:
            if before:
                await session_store.end_session(tx.connection, hash_session_id(before))
            await session_store.add_session(
                tx.connection,
                session_id,
                key,
                address=door.address(connection),
                now=now,
                lasts=door.session_lasts,
            )
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer, so that nobody can sign in; try again.") from error
    if before:
        await _forget(connection)
    ends = now + door.session_lasts
    session = SignedIn(hash_session_id(session_id), key, csrf_token(session_id), ends, ends)
    door.welcome(connection, session.id_hash)
    return session_id, replace(session, expires_at=min(ends, key.valid_until or ends))


async def sign_out(connection: Connection) -> None:
    """End the session by which a request came in, if it did by one.

    Raises:
        QueryError: `unavailable`, when the database does not answer.
    """
    session = signed_in(connection)
    if session is None:
        return
    try:
        async with transaction() as tx:
            await session_store.end_session(tx.connection, session.id_hash)
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer, so that the session goes on; try again.") from error
    await _forget(connection)


async def _check(connection: Connection, text: str) -> ApiKey:
    """The good key with this text."""
    door = door_of(connection)
    who = hash_key(text)
    door.refuse_guessing(connection, who)
    ring = cast("KeyRing", connection.app.state.key_ring)
    key = await ring.find_key(text)
    if key is None:
        door.note_guess(connection)
    refusal = "There is no such API key." if key is None else key.refusal(datetime.now(UTC))
    if key is None or refusal is not None:
        raise ProblemError(401, refusal or "", headers={"WWW-Authenticate": 'Bearer realm="task-tracker"'})
    door.welcome(connection, who)
    ring.note_used(key, None)
    return key


async def _forget(connection: Connection) -> None:
    cast("KeyRing", connection.app.state.key_ring).forget()
    await tell_change()
