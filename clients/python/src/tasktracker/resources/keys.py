"""Keys of the API, by `client.keys`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.keys import KeyItems, KeyRecord, KeyWithText
from tasktracker.resource import Resource, changed, every, given, segment


class Keys(Resource):
    """API keys: made, changed, rotated, revoked."""

    def list(
        self, *, revoked: bool | None = None, cursor: str | None = None, limit: int | None = None
    ) -> KeyItems:
        """List keys.

        Keys, newest first. Their texts are nowhere: of each only a hash is kept.

        Args:
            revoked: Whether to list revoked keys, too.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET", "/api/v1/keys", KeyItems, query={"revoked": revoked, "cursor": cursor, "limit": limit}
        )

    def iterate(self, *, revoked: bool | None = None, limit: int | None = None) -> Iterator[KeyRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(revoked=revoked, limit=limit, cursor=cursor))

    def create(
        self,
        *,
        name: str,
        scopes: Sequence[Literal["read", "write", "admin"]],
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> KeyWithText:
        """Make a key.

        Make a key. Its text is shown this once.

        An answer that is repeated for an `Idempotency-Key` has no text: it is not kept for that either.

        Args:
            name: Without spaces at its ends, and without control characters.
            scopes: `read`, `write`, or `admin`, which is all.
            expires_at: From then on it opens nothing; never when left out. UTC when it has no zone.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/keys",
            KeyWithText,
            body=given({"name": name, "scopes": scopes, "expires_at": expires_at}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def me(self) -> KeyRecord:
        """Get the key that asks.

        The key with which, or with whose session, this is asked, whatever its scopes.
        """
        return self._ask("GET", "/api/v1/keys/me", KeyRecord)

    def get(self, key_id: UUID | str) -> KeyRecord:
        """Get a key.

        One key, revoked or not.
        """
        return self._ask("GET", f"/api/v1/keys/{segment(key_id)}", KeyRecord)

    def change(
        self,
        key_id: UUID | str,
        *,
        name: str | UnsetType = UNSET,
        scopes: Sequence[Literal["read", "write", "admin"]] | UnsetType = UNSET,
        expires_at: datetime | UnsetType | None = UNSET,
    ) -> KeyRecord:
        """Change a key.

        Change its name, scopes or end; at once, on every replica.

        409 for the last key with `admin` that never expires: it has to stay one.

        Args:
            name: Without spaces at its ends, and without control characters.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/keys/{segment(key_id)}",
            KeyRecord,
            body=changed({"name": name, "scopes": scopes, "expires_at": expires_at}),
        )

    def delete(self, key_id: UUID | str) -> None:
        """Revoke a key.

        Revoke a key for good, with its sessions. It is kept for the audit log, and its name is free again.

        409 for the last key with `admin` that never expires. One that was revoked before is no error.
        """
        self._tell("DELETE", f"/api/v1/keys/{segment(key_id)}")

    def rotate(
        self, key_id: UUID | str, *, grace_hours: float | None = None, idempotency_key: str | None = None
    ) -> KeyWithText:
        """Rotate a key.

        Give a key a new text, shown this once. The present one stays good for `grace_hours`, then dies.

        Sessions that signed in with a text end with it. A text from before an earlier rotation dies at
        once.

        Args:
            grace_hours: How long the present text stays good; at most a week, a day when left out.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/keys/{segment(key_id)}/rotate",
            KeyWithText,
            body=given({"grace_hours": grace_hours}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
