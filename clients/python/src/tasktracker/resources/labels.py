"""Labels of the API, by `client.labels`."""

from collections.abc import Iterator, Sequence

from tasktracker.records.labels import LabelItems, LabelRecord
from tasktracker.resource import Resource, every, given


class Labels(Resource):
    """Which topic messages are of, as people say."""

    def list(
        self, *, topic_id: int | None = None, cursor: str | None = None, limit: int | None = None
    ) -> LabelItems:
        """List labels.

        Messages whose topic a person gave, or confirmed by approving the one topic that they are of.

        Args:
            topic_id: Only messages of this topic.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/labels",
            LabelItems,
            query={"topic_id": topic_id, "cursor": cursor, "limit": limit},
        )

    def iterate(self, *, topic_id: int | None = None, limit: int | None = None) -> Iterator[LabelRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(topic_id=topic_id, limit=limit, cursor=cursor))

    def set(self, *, message_ids: Sequence[int], topic_id: int | None) -> LabelItems:
        """Label messages.

        Say which topic messages are of, or take it back; harmless to repeat.

        Experiments are measured by labels. A label that is given wins over one that an approved topic
        confirms; with it taken back, that one shows again. 409 when the topic was rejected or merged away.

        Args:
            message_ids: At most 200.
            topic_id: Null takes their labels back.
        """
        return self._ask(
            "PUT",
            "/api/v1/messages/labels",
            LabelItems,
            body=given({"message_ids": message_ids, "topic_id": topic_id}),
        )
