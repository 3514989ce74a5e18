"""Links of the API, by `client.links`."""

from typing import Literal

from tasktracker.records.common import LinkRecord
from tasktracker.resource import Resource, given


class Links(Resource):
    """What was learned, with the words that prove it, and its links."""

    def create(
        self,
        *,
        from_atom: int,
        to_atom: int,
        type: Literal[
            "solves", "supports", "contradicts", "continues", "refines", "relates_to", "depends_on"
        ],
        strength: float | None = None,
        idempotency_key: str | None = None,
    ) -> LinkRecord:
        """Link two atoms.

        Link two atoms. The same link made again has the new strength.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/links",
            LinkRecord,
            body=given({"from_atom": from_atom, "to_atom": to_atom, "type": type, "strength": strength}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def delete(self, link_id: int) -> None:
        """Delete a link.

        Delete a link. One that is gone already is no error.

        Args:
            link_id: The id of a link.
        """
        self._tell("DELETE", f"/api/v1/links/{link_id}")
