"""Topics of the API, by `client.topics`."""

from collections.abc import Iterator
from typing import Literal

from msgspec import UNSET, UnsetType

from tasktracker.records.common import AtomPage, AtomRecord, MergeRecord
from tasktracker.records.topics import TopicPage, TopicRecord
from tasktracker.resource import Resource, changed, every, given


class Topics(Resource):
    """What the team talks about."""

    def list(
        self,
        *,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        search: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> TopicPage:
        """List topics.

        Topics with their counts, those with the latest change first. Merged ones are left out.

        Args:
            search: Only topics whose name or description has all of these words, in any case.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/topics",
            TopicPage,
            query={"status": status, "search": search, "cursor": cursor, "limit": limit},
        )

    def iterate(
        self,
        *,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> Iterator[TopicRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(status=status, search=search, limit=limit, cursor=cursor))

    def create(
        self,
        name: str,
        *,
        description: str | None = None,
        icon: str | None = None,
        colour: str | None = None,
        idempotency_key: str | None = None,
    ) -> TopicRecord:
        """Make a topic.

        Make a topic; it is approved from the start. 409 names the topic that has the name already.

        Args:
            name: 2 to 4 words, unique whatever the case.
            icon: One emoji.
            colour: `#rrggbb`.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/topics",
            TopicRecord,
            body=given({"name": name, "description": description, "icon": icon, "colour": colour}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, topic_id: int) -> TopicRecord:
        """Get a topic.

        One topic with its counts. One that was merged away says so in `merged_into`.

        Args:
            topic_id: The id of a topic.
        """
        return self._ask("GET", f"/api/v1/topics/{topic_id}", TopicRecord)

    def change(
        self,
        topic_id: int,
        *,
        name: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        icon: str | UnsetType = UNSET,
        colour: str | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> TopicRecord:
        """Change a topic.

        Change what is given: it holds at once, and is an approved version.

        Args:
            topic_id: The id of a topic.
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/topics/{topic_id}",
            TopicRecord,
            body=changed({"name": name, "description": description, "icon": icon, "colour": colour}),
            headers={"If-Match": if_match},
        )

    def atoms(
        self,
        topic_id: int,
        *,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        | None = None,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AtomPage:
        """List a topic's atoms.

        The atoms of one topic, newest first. Rejected ones are left out unless `status` asks for them.

        Args:
            topic_id: The id of a topic.
            type: Only this type.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            f"/api/v1/topics/{topic_id}/atoms",
            AtomPage,
            query={"type": type, "status": status, "cursor": cursor, "limit": limit},
        )

    def iterate_atoms(
        self,
        topic_id: int,
        *,
        type: Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        | None = None,
        status: Literal["needs_review", "approved", "rejected"] | None = None,
        limit: int | None = None,
    ) -> Iterator[AtomRecord]:
        """All items of `atoms`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.atoms(topic_id, type=type, status=status, limit=limit, cursor=cursor)
        )

    def merge(self, topic_id: int, into: int, *, idempotency_key: str | None = None) -> MergeRecord:
        """Merge a topic into another.

        Have another topic take this one's atoms and messages over; `POST /merges/{id}/undo` takes it back.

        409 when one of the two was merged away itself.

        Args:
            topic_id: The id of a topic.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/topics/{topic_id}/merge",
            MergeRecord,
            body=given({"into": into}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def review(
        self,
        topic_id: int,
        status: Literal["needs_review", "approved", "rejected"],
        *,
        idempotency_key: str | None = None,
    ) -> TopicRecord:
        """Review a topic.

        Approve a topic, reject it, or take the decision back with `needs_review`.

        Args:
            topic_id: The id of a topic.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/topics/{topic_id}/review",
            TopicRecord,
            body=given({"status": status}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
