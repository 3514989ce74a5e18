"""Versions of the API, by `client.versions`."""

from collections.abc import Iterator
from typing import Literal

from tasktracker.records.versions import VersionPage, VersionRecord
from tasktracker.resource import Resource, every


class Versions(Resource):
    """Changes field by field, drafts to decide about, merges to undo."""

    def list(
        self,
        *,
        entity: Literal["topic", "atom"] | None = None,
        entity_id: int | None = None,
        status: Literal["draft", "approved", "rejected"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> VersionPage:
        """List versions.

        Versions, newest first: all that wait (`status=draft`), or the history of one topic or atom.

        Each has what it changes, field by field. Long ones make shorter pages.

        Args:
            entity_id: Only versions of this topic or atom; with `entity`.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/versions",
            VersionPage,
            query={
                "entity": entity,
                "entity_id": entity_id,
                "status": status,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        entity: Literal["topic", "atom"] | None = None,
        entity_id: int | None = None,
        status: Literal["draft", "approved", "rejected"] | None = None,
        limit: int | None = None,
    ) -> Iterator[VersionRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                entity=entity, entity_id=entity_id, status=status, limit=limit, cursor=cursor
            )
        )

    def approve(self, version_id: int, *, idempotency_key: str | None = None) -> VersionRecord:
        """Approve a draft.

        Let a draft's changes hold.

        409 when someone decided otherwise already, or, with the field, when what it changes has changed
        since.

        Args:
            version_id: The id of a version.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/versions/{version_id}/approve",
            VersionRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def reject(self, version_id: int, *, idempotency_key: str | None = None) -> VersionRecord:
        """Reject a draft.

        Decide against a draft; it is kept, and changes nothing. 409 when someone decided otherwise already.

        Args:
            version_id: The id of a version.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/versions/{version_id}/reject",
            VersionRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
