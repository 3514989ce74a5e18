"""Looks keys and sessions up, believes for a few seconds what it found, and notes when they were used."""

import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from loguru import logger
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.gateway.keys import ApiKey, hash_key
from services.gateway.sessions import SignedIn, hash_session_id
from services.gateway.stores import keys as key_store
from services.gateway.stores import sessions as session_store
from shared.contracts.errors import QueryError, unavailable
from shared.messaging.transaction import transaction

REMEMBERED_SECONDS: Final = 10.0
"""How long what was looked up is believed, should nobody tell that it has changed."""

DATABASE_ERRORS: Final = (DBAPIError, PoolTimeoutError, OSError, TimeoutError)
"""What SQLAlchemy and asyncpg raise when the database cannot be reached, or each connection is in use."""

_MOST_REMEMBERED = 5000


class KeyRing:
    """The keys and sessions that this process knows of."""

    def __init__(self, *, idle: timedelta = timedelta(days=1)) -> None:
        """Begin with none.

        Args:
            idle: How long a session may go unused.
        """
        self._idle = idle
        self._remembered: dict[bytes, tuple[float, ApiKey | SignedIn]] = {}
        self._changes = 0
        self._used: dict[UUID, datetime] = {}
        self._seen: dict[bytes, datetime] = {}

    async def find_key(self, token: str) -> ApiKey | None:
        """The key that this token is, good or not (see `refusal`); None when it never was one.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        # The index is searched by a hash that no caller can steer, so its timing tells nothing about keys.
        key_hash = hash_key(token)
        remembered = self._recall(key_hash)
        if isinstance(remembered, ApiKey):
            return remembered
        changes = self._changes
        try:
            async with transaction() as tx:
                key = await key_store.key_by_hash(tx.connection, key_hash)
        except DATABASE_ERRORS as error:
            raise _no_database() from error
        if key is None or not hmac.compare_digest(key.key_hash, key_hash):
            return None
        self._remember(key_hash, key, changes)
        return key

    async def find_session(self, session_id: str) -> SignedIn | None:
        """The session with this id, good or not (see `refusal`); None when there never was one.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        id_hash = hash_session_id(session_id)
        remembered = self._recall(id_hash)
        if isinstance(remembered, SignedIn):
            return remembered
        changes = self._changes
        try:
            async with transaction() as tx:
                found = await session_store.find_session(tx.connection, session_id, idle=self._idle)
        except DATABASE_ERRORS as error:
            raise _no_database() from error
        if found is None or not hmac.compare_digest(found.id_hash, id_hash):
            return None
        self._remember(id_hash, found, changes)
        return found

    async def by_token(self, token: str) -> ApiKey | None:
        """The key that this token is, if it is good.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        key = await self.find_key(token)
        return key if key is not None and key.refusal(datetime.now(UTC)) is None else None

    async def by_id(self, key_id: UUID) -> ApiKey | None:
        """The key with this id as it is in the database at this moment, if it is good.

        Raises:
            QueryError: `unavailable` while the database does not answer.
        """
        try:
            async with transaction() as tx:
                key = await key_store.key_by_id(tx.connection, key_id)
        except DATABASE_ERRORS as error:
            raise _no_database() from error
        return key if key is not None and key.refusal(datetime.now(UTC)) is None else None

    def note_used(self, key: ApiKey, session: SignedIn | None) -> None:
        """Note that they came in just now; kept when `keep_used` is called next."""
        now = datetime.now(UTC)
        self._used[key.id] = now
        if session is not None:
            self._seen[session.id_hash] = now

    async def keep_used(self) -> None:
        """Keep what was noted since the last time; what cannot be kept is kept the next time."""
        used, self._used = self._used, {}
        seen, self._seen = self._seen, {}
        if not used and not seen:
            return
        try:
            async with transaction() as tx:
                await key_store.note_used(tx.connection, used)
                await session_store.note_seen(tx.connection, seen)
        except DATABASE_ERRORS as error:
            logger.warning("when keys were used is not kept while the database does not answer: {!r}", error)
            self._used = used | self._used
            self._seen = seen | self._seen

    def forget(self) -> None:
        """Believe nothing of what was looked up before: some key or session has changed."""
        self._changes += 1
        self._remembered.clear()

    def _recall(self, key_hash: bytes) -> ApiKey | SignedIn | None:
        at, found = self._remembered.get(key_hash, (0.0, None))
        return found if found is not None and time.monotonic() - at < REMEMBERED_SECONDS else None

    def _remember(self, key_hash: bytes, found: ApiKey | SignedIn, changes: int) -> None:
        """Remember it, unless something changed while it was looked up."""
        if changes != self._changes:
            return
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key_hash] = (time.monotonic(), found)


def _no_database() -> QueryError:
    return unavailable("The database does not answer, so that no API key can be checked; try again.")
