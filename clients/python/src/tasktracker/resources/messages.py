"""Messages of the API, by `client.messages`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from tasktracker.records.messages import MessageItem, MessageItems, ScoreRecord, VersionItems
from tasktracker.resource import Resource, every, given


class Messages(Resource):
    """Saved messages with their scores, and corrections of them."""

    def list(
        self,
        *,
        chat_id: int | None = None,
        thread_id: int | None = None,
        author_id: int | None = None,
        class_: Literal["noise", "weak_signal", "signal"] | None = None,
        min_score: float | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> MessageItems:
        """List messages.

        Messages, newest first, each with its score. A page by class and kind or thread may be a short one.

        While the scoring service is down, messages come with `score: null` and a note, unless `class` or
        `min_score` asks for what only it knows.

        Args:
            chat_id: Only this chat: any id that it has or has had here.
            thread_id: Only this topic of a forum, by Telegram's id of it.
            author_id: Only messages of this user.
            class_: Only messages of this class.
            min_score: Only messages at least this important.
            kind: Only `text`, or one kind of media, or `service`.
            since: Only messages sent at or after this time; UTC when it has no zone.
            until: Only messages sent before this time; UTC when it has no zone.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/messages",
            MessageItems,
            query={
                "chat_id": chat_id,
                "thread_id": thread_id,
                "author_id": author_id,
                "class": class_,
                "min_score": min_score,
                "kind": kind,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        chat_id: int | None = None,
        thread_id: int | None = None,
        author_id: int | None = None,
        class_: Literal["noise", "weak_signal", "signal"] | None = None,
        min_score: float | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[MessageItem]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                chat_id=chat_id,
                thread_id=thread_id,
                author_id=author_id,
                class_=class_,
                min_score=min_score,
                kind=kind,
                since=since,
                until=until,
                limit=limit,
                cursor=cursor,
            )
        )

    def get(self, message_id: int) -> MessageItem:
        """Get a message.

        One message as it stands now, with its score and every factor of it.

        Args:
            message_id: Our id of a message.
        """
        return self._ask("GET", f"/api/v1/messages/{message_id}", MessageItem)

    def correct(
        self,
        message_id: int,
        message_class: Literal["noise", "weak_signal", "signal"],
        *,
        comment: str | None = None,
    ) -> ScoreRecord:
        """Correct a message's class.

        Say what a message's class really is: it wins over the scorer, also when it scores again.

        Args:
            message_id: Our id of a message.
            message_class: `noise`, `weak_signal` or `signal`.
            comment: Why, for whoever improves the scorer.
        """
        return self._ask(
            "PUT",
            f"/api/v1/messages/{message_id}/feedback",
            ScoreRecord,
            body=given({"message_class": message_class, "comment": comment}),
        )

    def take_correction_back(self, message_id: int) -> ScoreRecord:
        """Take a correction back.

        Take the correction of a message's class back: the scorer's own class holds again.

        Args:
            message_id: Our id of a message.
        """
        return self._ask("DELETE", f"/api/v1/messages/{message_id}/feedback", ScoreRecord)

    def versions(self, message_id: int) -> VersionItems:
        """List a message's versions.

        Every version of a message's text in the order in which they were written, the present one included.

        Args:
            message_id: Our id of a message.
        """
        return self._ask("GET", f"/api/v1/messages/{message_id}/versions", VersionItems)
