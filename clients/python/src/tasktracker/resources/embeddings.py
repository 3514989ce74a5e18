"""Embeddings of the API, by `client.embeddings`."""

from collections.abc import Sequence
from uuid import UUID

from tasktracker.records.common import Accepted
from tasktracker.records.embeddings import Coverage, ReindexRecord, SpaceItems
from tasktracker.resource import Resource, given, segment


class Embeddings(Resource):
    """What has a vector, and vector spaces built anew."""

    def atoms(
        self,
        *,
        ids: Sequence[int] | None = None,
        provider_id: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Embed atoms.

        Make vectors for atoms that have none; as for messages.

        Args:
            ids: Only these, at most 10,000; all that have no vector when left out.
            provider_id: Into the space of this provider; the active one, and any that is being built, when
                left out.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/embeddings/atoms",
            Accepted,
            body=given({"ids": ids, "provider_id": provider_id}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def coverage(self) -> Coverage:
        """See what is embedded.

        How many messages, atoms and topics have a vector, every vector space, and the latest failures.
        """
        return self._ask("GET", "/api/v1/embeddings/coverage", Coverage)

    def messages(
        self,
        *,
        ids: Sequence[int] | None = None,
        provider_id: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Embed messages.

        Make vectors for messages that have none, in the background; what failed before is tried again.

        It happens by itself for every scored message that is not noise; this is for not waiting. The task's
        result is `{success, failed, skipped}`.

        Args:
            ids: Only these, at most 10,000; all that have no vector when left out.
            provider_id: Into the space of this provider; the active one, and any that is being built, when
                left out.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/embeddings/messages",
            Accepted,
            body=given({"ids": ids, "provider_id": provider_id}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def reindex(self, *, idempotency_key: str | None = None) -> Accepted:
        """Build the vector space anew.

        Embed everything anew into a space beside the active one, which takes over when it is complete.

        Searches go on in the old one. 409 while a space is being filled already.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/embeddings/reindex",
            Accepted,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get_reindex(self, run_id: UUID | str) -> ReindexRecord:
        """See how a reindex stands.

        Whether it runs, and what of the space is filled; live over `/ws?topics=embedding`.
        """
        return self._ask("GET", f"/api/v1/embeddings/reindex/{segment(run_id)}", ReindexRecord)

    def spaces(self) -> SpaceItems:
        """List vector spaces.

        Vector spaces: one a provider, model and dimension. A new one fills beside the active one.
        """
        return self._ask("GET", "/api/v1/embeddings/spaces", SpaceItems)
