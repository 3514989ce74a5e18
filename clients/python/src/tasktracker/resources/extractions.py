"""Extractions of the API, by `client.extractions`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from tasktracker.records.extractions import ExtractionPage, ExtractionRecord, ExtractionsAccepted
from tasktracker.resource import Resource, every, given, segment


class Extractions(Resource):
    """Extractions from messages, counts, and who changed what."""

    def list(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ExtractionPage:
        """List extractions.

        Extractions with what came of them and what they cost, newest first.

        Args:
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/knowledge/extractions",
            ExtractionPage,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iterate(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        limit: int | None = None,
    ) -> Iterator[ExtractionRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(status=status, limit=limit, cursor=cursor))

    def create(
        self,
        *,
        message_ids: Sequence[int] | None = None,
        chat_ids: Sequence[int] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        agent_id: UUID | str | None = None,
        again: bool | None = None,
        idempotency_key: str | None = None,
    ) -> ExtractionsAccepted:
        """Extract by hand.

        Extract topics and atoms from messages, in the background, in batches of whole conversations.

        By itself this happens when enough new messages wait; this is for older ones, and for not waiting.
        422 when nothing of what is asked for can be extracted, 409 when there is no agent that could.

        Args:
            message_ids: These messages, at most 2000.
            chat_ids: These chats: any ids that they have or have had here.
            since: Messages sent at or after this time; UTC when it has no zone.
            until: Messages sent before this time; UTC when it has no zone.
            agent_id: By this agent; the active `knowledge_extractor` when left out.
            again: Also what was extracted before; identical input is answered from the cache.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/knowledge/extractions",
            ExtractionsAccepted,
            body=given(
                {
                    "message_ids": message_ids,
                    "chat_ids": chat_ids,
                    "since": since,
                    "until": until,
                    "agent_id": agent_id,
                    "again": again,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, extraction_id: UUID | str) -> ExtractionRecord:
        """Get an extraction.

        One extraction: how it stands, what came of it, what it cost.

        `GET /atoms?run_id=` has the atoms that it found.
        """
        return self._ask("GET", f"/api/v1/knowledge/extractions/{segment(extraction_id)}", ExtractionRecord)

    def cancel(self, extraction_id: UUID | str, *, idempotency_key: str | None = None) -> ExtractionRecord:
        """Cancel an extraction.

        Cancel an extraction before it saves; its messages wait again. 409 when it has ended.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/knowledge/extractions/{segment(extraction_id)}/cancel",
            ExtractionRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
