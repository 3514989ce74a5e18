"""Knowledge of the API, by `client.knowledge`."""

from collections.abc import Iterator
from typing import Literal

from tasktracker.records.knowledge import ChangePage, ChangeRecord, KnowledgeStats
from tasktracker.resource import Resource, every


class Knowledge(Resource):
    """Extractions from messages, counts, and who changed what."""

    def changes(
        self,
        *,
        entity: Literal["topic", "atom"] | None = None,
        entity_id: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ChangePage:
        """List changes.

        What people and automation rules changed, newest first. This log is never rewritten.

        Args:
            entity_id: Only changes of this topic or atom; with `entity`.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/knowledge/changes",
            ChangePage,
            query={"entity": entity, "entity_id": entity_id, "cursor": cursor, "limit": limit},
        )

    def iterate_changes(
        self,
        *,
        entity: Literal["topic", "atom"] | None = None,
        entity_id: int | None = None,
        limit: int | None = None,
    ) -> Iterator[ChangeRecord]:
        """All items of `changes`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.changes(entity=entity, entity_id=entity_id, limit=limit, cursor=cursor)
        )

    def stats(self) -> KnowledgeStats:
        """Count knowledge.

        Counts of topics and atoms by status and type, of drafts, and of messages that wait for extraction.
        """
        return self._ask("GET", "/api/v1/knowledge/stats", KnowledgeStats)
