"""Merges of the API, by `client.merges`."""

from typing import Literal

from tasktracker.records.common import MergeRecord
from tasktracker.records.merges import MergeItems
from tasktracker.resource import Resource


class Merges(Resource):
    """Changes field by field, drafts to decide about, merges to undo."""

    def list(
        self, *, entity: Literal["topic", "atom"] | None = None, entity_id: int | None = None
    ) -> MergeItems:
        """List merges.

        The latest hundred merges, undone ones included; of one topic or atom those that touched it.

        Args:
            entity_id: Only merges of this topic or atom; with `entity`.
        """
        return self._ask(
            "GET", "/api/v1/merges", MergeItems, query={"entity": entity, "entity_id": entity_id}
        )

    def undo(self, merge_id: int, *, idempotency_key: str | None = None) -> MergeRecord:
        """Undo a merge.

        Put both back as they were; what was changed since by hand stays as it was changed.

        409 says what stands in the way: a later merge that has to be undone first, or that the name was
        taken.

        Args:
            merge_id: The id of a merge.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/merges/{merge_id}/undo",
            MergeRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
