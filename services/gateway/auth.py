"""Who may come in: API keys as Bearer, tickets for WebSockets, and the first key of an installation."""

import asyncio
import hmac
import sys
import time
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from loguru import logger
from sqlalchemy.exc import DBAPIError

from services.gateway import repository
from services.gateway.keys import (
    SHORTEST_KEY,
    ApiKey,
    Scope,
    hash_key,
    new_key,
    ticket_is_valid,
    ticket_key_id,
)
from services.gateway.problems import ProblemError
from shared.contracts.errors import unavailable
from shared.messaging.transaction import transaction

REMEMBERED_SECONDS = 10.0
"""How long a key that was looked up is believed; a deleted one may come in for as long."""

DATABASE_ERRORS = (DBAPIError, OSError, TimeoutError)
"""What SQLAlchemy and asyncpg raise when the database cannot be reached."""

_READING = {"GET", "HEAD", "OPTIONS"}
_MOST_REMEMBERED = 1000


class KeyRing:
    """Looks keys up, and remembers for a few seconds those that it found."""

    def __init__(self) -> None:
        self._remembered: dict[bytes, tuple[float, ApiKey]] = {}

    async def by_token(self, token: str) -> ApiKey | None:
        """The key that this token is; None when it is none.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        # The index is searched by a hash that no caller can steer, so its timing tells nothing about keys.
        key_hash = hash_key(token)
        remembered = self._remembered.get(key_hash)
        if remembered is not None and time.monotonic() - remembered[0] < REMEMBERED_SECONDS:
            return remembered[1]
        try:
            async with transaction() as tx:
                key = await repository.key_by_hash(tx.connection, key_hash)
        except DATABASE_ERRORS as error:
            raise _no_database() from error
        if key is None or not hmac.compare_digest(key.key_hash, key_hash):
            return None
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key_hash] = (time.monotonic(), key)
        return key

    async def by_ticket(self, ticket: str) -> ApiKey | None:
        """The key in whose name a ticket was made; None when it is forged or expired.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        key_id = ticket_key_id(ticket)
        if key_id is None:
            return None
        try:
            async with transaction() as tx:
                key = await repository.key_by_id(tx.connection, key_id)
        except DATABASE_ERRORS as error:
            raise _no_database() from error
        return key if key is not None and ticket_is_valid(ticket, key, datetime.now(UTC)) else None


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request in whose key has the scope that its method needs; the key becomes the request's `auth`.

    Raises:
        ProblemError: 401 without a known key, 403 without the scope.
    """
    del handler
    token = bearer_token(connection.headers.get("authorization"))
    if token is None:
        raise _unauthorized("Send an API key as `Authorization: Bearer <key>`.")
    key = await cast("KeyRing", connection.app.state.key_ring).by_token(token)
    if key is None:
        raise _unauthorized("There is no such API key.")
    needed: Scope = "read" if connection.scope.get("method", "GET") in _READING else "write"
    if not key.may(needed):
        raise ProblemError(403, f"The API key {key.name!r} lacks the scope {needed!r}.")
    connection.scope["auth"] = key


async def make_first_key(bootstrap_key: str | None, page_url: str) -> None:
    """Make the first key of an installation that has none; waits for ever for the database to be there.

    Args:
        bootstrap_key: Its text; None makes a random one and prints it once on stdout, as a link.
        page_url: Where the live page is, for that link.
    """
    text = bootstrap_key or new_key()
    key = ApiKey(id=uuid4(), name="first key", key_hash=hash_key(text), scopes=frozenset({"admin"}))
    pause = 0.5
    while True:
        try:
            async with transaction() as tx:
                was_kept = await repository.add_first_key(tx.connection, key)
                known = was_kept or await repository.key_by_hash(tx.connection, key.key_hash) is not None
            break
        except DATABASE_ERRORS as error:
            logger.warning("no API key can be made while the database does not answer: {}", _short(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
    if bootstrap_key is None and was_kept:
        sys.stdout.write(f"\nThe first API key, shown only now: {text}\nOpen {page_url}/#key={text}\n\n")
        sys.stdout.flush()
    elif bootstrap_key is not None and not known:
        logger.warning("TT_BOOTSTRAP_API_KEY is not among the keys, and there are others: it opens nothing")


def check_bootstrap_key(key: str | None) -> None:
    """Refuse a first key that could be guessed.

    Raises:
        ValueError: When it is shorter than 16 characters.
    """
    if key is not None and len(key) < SHORTEST_KEY:
        raise ValueError(f"TT_BOOTSTRAP_API_KEY must have at least {SHORTEST_KEY} characters")


def caller(connection: ASGIConnection[Any, Any, Any, Any]) -> ApiKey:
    """The key that the guard let in."""
    return cast("ApiKey", connection.scope["auth"])


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError(401, detail, headers={"WWW-Authenticate": 'Bearer realm="task-tracker"'})


def _no_database() -> Exception:
    return unavailable("The database does not answer, so that no API key can be checked; try again.")


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
