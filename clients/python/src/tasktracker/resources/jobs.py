"""Jobs of the API, by `client.jobs`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from tasktracker.records.common import Accepted
from tasktracker.records.jobs import JobPage, JobRecord
from tasktracker.resource import Resource, every, given, segment


class Jobs(Resource):
    """Imports of Telegram Desktop exports."""

    def list(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        kind: Literal["export", "history"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> JobPage:
        """List jobs.

        Ingestion jobs, newest first, optionally only those with one status or of one kind.

        Args:
            kind: Only jobs of this kind.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/ingestion/jobs",
            JobPage,
            query={"status": status, "kind": kind, "cursor": cursor, "limit": limit},
        )

    def iterate(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        kind: Literal["export", "history"] | None = None,
        limit: int | None = None,
    ) -> Iterator[JobRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(status=status, kind=kind, limit=limit, cursor=cursor))

    def create(
        self,
        chat_ids: Sequence[int],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        include_private: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Import the history of chats.

        Have the signed-in Telegram account read chats, from their newest message to their oldest.

        Telegram gives 100 messages a call and wants a rest of about half a minute every ten calls: the job
        shows how long it waits, and goes on by itself, also after a restart. One job reads at a time. What
        is here already is skipped. 409 without credentials or account, 422 for private chats that were not
        asked for, and for chats that the account is not in. Needs the scope `admin`.

        Args:
            chat_ids: Telegram's ids, as `GET /api/v1/telegram/chats` lists them.
            since: Only messages sent at or after this time; UTC when it has no zone.
            until: Only messages sent before this time; UTC when it has no zone.
            include_private: Whether talks between two may be read; without it they are refused.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/ingestion/jobs",
            Accepted,
            body=given(
                {"chat_ids": chat_ids, "since": since, "until": until, "include_private": include_private}
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, job_id: UUID | str) -> JobRecord:
        """Get a job.

        One job with its counters, its first hundred unreadable messages, and why it failed if it did.
        """
        return self._ask("GET", f"/api/v1/ingestion/jobs/{segment(job_id)}", JobRecord)

    def cancel(self, job_id: UUID | str, *, idempotency_key: str | None = None) -> JobRecord:
        """Cancel a job.

        Cancel a job before its next batch; what it had stored stays. 409 when it has ended in another way.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/ingestion/jobs/{segment(job_id)}/cancel",
            JobRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
