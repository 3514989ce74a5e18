"""Atoms of the API, by `client.atoms`."""

from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.atoms import LinkItems, QuoteOf, ReviewedItems
from tasktracker.records.common import AtomPage, AtomRecord, MergeRecord
from tasktracker.resource import Resource, changed, every, given


class Atoms(Resource):
    """What was learned, with the words that prove it, and its links."""

    def list(
        self,
        *,
        topic_id: int | None = None,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        | None = None,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        message_id: int | None = None,
        run_id: UUID | str | None = None,
        include_superseded: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AtomPage:
        """List atoms.

        Atoms with their topics and quotes, newest first.

        Merged ones are left out, rejected ones unless `status` asks for them. Long atoms make shorter
        pages.

        Args:
            topic_id: Only atoms of this topic.
            type: Only this type.
            message_id: Only atoms that quote this message.
            run_id: Only atoms that this extraction found.
            include_superseded: Whether decisions that a later one replaced are listed too.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/atoms",
            AtomPage,
            query={
                "topic_id": topic_id,
                "type": type,
                "status": status,
                "message_id": message_id,
                "run_id": run_id,
                "include_superseded": include_superseded,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        topic_id: int | None = None,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        | None = None,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        message_id: int | None = None,
        run_id: UUID | str | None = None,
        include_superseded: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[AtomRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                topic_id=topic_id,
                type=type,
                status=status,
                message_id=message_id,
                run_id=run_id,
                include_superseded=include_superseded,
                limit=limit,
                cursor=cursor,
            )
        )

    def create(
        self,
        *,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"],
        title: str,
        content: str,
        quotes: Sequence[QuoteOf],
        topic_ids: Sequence[int] | None = None,
        idempotency_key: str | None = None,
    ) -> AtomRecord:
        """Make an atom.

        Make an atom; it is approved from the start. 422 names the quote that its message does not have.

        Args:
            quotes: What proves it, 1 to 50: nothing gets into the knowledge base that nobody has said.
            topic_ids: Topics that it belongs to.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/atoms",
            AtomRecord,
            body=given(
                {"type": type, "title": title, "content": content, "quotes": quotes, "topic_ids": topic_ids}
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def review_many(
        self,
        *,
        ids: Sequence[int],
        status: Literal["needs_review", "approved", "rejected"],
        idempotency_key: str | None = None,
    ) -> ReviewedItems:
        """Review many atoms.

        Approve many atoms, reject them, or take the decisions back. One that cannot be stops no other.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/atoms/review",
            ReviewedItems,
            body=given({"ids": ids, "status": status}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, atom_id: int) -> AtomRecord:
        """Get an atom.

        One atom with its topics and quotes. One that was merged away says so in `merged_into`.

        Args:
            atom_id: The id of an atom.
        """
        return self._ask("GET", f"/api/v1/atoms/{atom_id}", AtomRecord)

    def change(
        self,
        atom_id: int,
        *,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        | UnsetType = UNSET,
        title: str | UnsetType = UNSET,
        content: str | UnsetType = UNSET,
        topic_ids: Sequence[int] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> AtomRecord:
        """Change an atom.

        Change what is given: it holds at once, and is an approved version. Its quotes stay what they are.

        Args:
            atom_id: The id of an atom.
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/atoms/{atom_id}",
            AtomRecord,
            body=changed({"type": type, "title": title, "content": content, "topic_ids": topic_ids}),
            headers={"If-Match": if_match},
        )

    def links(self, atom_id: int) -> LinkItems:
        """List an atom's links.

        The links from and to an atom, strongest first.

        Args:
            atom_id: The id of an atom.
        """
        return self._ask("GET", f"/api/v1/atoms/{atom_id}/links", LinkItems)

    def merge(self, atom_id: int, into: int, *, idempotency_key: str | None = None) -> MergeRecord:
        """Merge an atom into another.

        Say that this atom is the duplicate of another, which takes its quotes, topics and links over.

        `POST /merges/{id}/undo` takes it back. 409 when one of the two was merged away itself.

        Args:
            atom_id: The id of an atom.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/atoms/{atom_id}/merge",
            MergeRecord,
            body=given({"into": into}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def review(
        self,
        atom_id: int,
        status: Literal["needs_review", "approved", "rejected"],
        *,
        idempotency_key: str | None = None,
    ) -> AtomRecord:
        """Review an atom.

        Approve an atom, reject it, or take the decision back with `needs_review`.

        Approving a decision that replaces an earlier approved one ends the earlier one, which is kept.

        Args:
            atom_id: The id of an atom.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/atoms/{atom_id}/review",
            AtomRecord,
            body=given({"status": status}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def supersede(
        self, atom_id: int, superseded_by: int | None, *, idempotency_key: str | None = None
    ) -> AtomRecord:
        """Supersede a decision.

        Say that a later decision replaces this one; null takes it back. Both have to be approved decisions.

        Args:
            atom_id: The id of an atom.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/atoms/{atom_id}/supersede",
            AtomRecord,
            body=given({"superseded_by": superseded_by}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
