"""Audit of the API, by `client.audit`."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from tasktracker.records.audit import AuditItems, AuditRecord
from tasktracker.resource import Resource, every


class Audit(Resource):
    """Who changed what, and when."""

    def list(
        self,
        *,
        key_id: UUID | str | None = None,
        route: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AuditItems:
        """Read the audit log.

        Each change that somebody asked for with a good key, each sign-in, and wrong keys by address.

        An entry is written before the change is made, and its status when it was answered. Bodies are never
        kept.

        Args:
            key_id: Only what was done with this key, by its id.
            route: Only this route, as its template is written, for example `/api/v1/keys/{key_id}`.
            since: Only what began at or after this time; UTC without a zone.
            until: Only what began before this time; UTC without a zone.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/audit",
            AuditItems,
            query={
                "key_id": key_id,
                "route": route,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        key_id: UUID | str | None = None,
        route: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[AuditRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                key_id=key_id, route=route, since=since, until=until, limit=limit, cursor=cursor
            )
        )
