"""DeadLetters of the API, by `client.dead_letters`."""

from collections.abc import Iterator
from datetime import datetime

from tasktracker.records.dead_letters import LetterDetails, LetterItems, LetterRecord, ManyDone
from tasktracker.resource import Resource, every, given


class DeadLetters(Resource):
    """Every background task: what there is, how one goes, starting one."""

    def list(
        self,
        *,
        queue: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        exception: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> LetterItems:
        """List dead letters.

        Tasks that were given up, newest first; they are kept for seven days.

        One request looks at 2,000 letters: with filters a page may be short, or empty, and still have a
        next one.

        Args:
            queue: Only those taken from this queue.
            actor: Only those of this actor.
            reason: Only `failed`, `poison`, `undecodable` or `actor-not-found`.
            exception: Only this exception's class, with or without its module.
            text: Only those whose error has this text, in capitals or not.
            since: Only those given up at or after this time; UTC when it has no zone.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/tasks/dead-letters",
            LetterItems,
            query={
                "queue": queue,
                "actor": actor,
                "reason": reason,
                "exception": exception,
                "text": text,
                "since": since,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        queue: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        exception: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[LetterRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                queue=queue,
                actor=actor,
                reason=reason,
                exception=exception,
                text=text,
                since=since,
                limit=limit,
                cursor=cursor,
            )
        )

    def delete_many(
        self,
        *,
        all: bool | None = None,
        queue: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        exception: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        up_to: int | None = None,
        after: int | None = None,
        idempotency_key: str | None = None,
    ) -> ManyDone:
        """Delete many dead letters.

        Delete all dead letters that fit a filter, oldest first, 200 a request; their work stays undone.

        While `is_complete` is false, ask again with `up_to` and `after` as they were answered.

        Args:
            all: Must be true to mean all of them, when nothing else is given.
            queue: Taken from this queue.
            actor: Of this actor.
            reason: `failed`, `poison`, `undecodable` or `actor-not-found`.
            exception: The exception's class, with or without its module.
            text: Stands somewhere in the error's text, in capitals or not.
            since: Given up at or after this time; UTC when it has no zone.
            up_to: Only numbers up to this one: the `up_to` of the first answer, to go on with what is left.
            after: Only numbers behind this one: the `after` of the answer before, to go on behind it.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/tasks/dead-letters/delete",
            ManyDone,
            body=given(
                {
                    "all": all,
                    "queue": queue,
                    "actor": actor,
                    "reason": reason,
                    "exception": exception,
                    "text": text,
                    "since": since,
                    "up_to": up_to,
                    "after": after,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def requeue_many(
        self,
        *,
        all: bool | None = None,
        queue: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        exception: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        up_to: int | None = None,
        after: int | None = None,
        idempotency_key: str | None = None,
    ) -> ManyDone:
        """Requeue many dead letters.

        Send all tasks that fit a filter to their queues again, oldest first, 200 a request.

        While `is_complete` is false, ask again with `up_to` and `after` as they were answered: then none is
        sent twice that died again meanwhile. Asking twice is safe: a letter that was sent is gone.

        Args:
            all: Must be true to mean all of them, when nothing else is given.
            queue: Taken from this queue.
            actor: Of this actor.
            reason: `failed`, `poison`, `undecodable` or `actor-not-found`.
            exception: The exception's class, with or without its module.
            text: Stands somewhere in the error's text, in capitals or not.
            since: Given up at or after this time; UTC when it has no zone.
            up_to: Only numbers up to this one: the `up_to` of the first answer, to go on with what is left.
            after: Only numbers behind this one: the `after` of the answer before, to go on behind it.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/tasks/dead-letters/requeue",
            ManyDone,
            body=given(
                {
                    "all": all,
                    "queue": queue,
                    "actor": actor,
                    "reason": reason,
                    "exception": exception,
                    "text": text,
                    "since": since,
                    "up_to": up_to,
                    "after": after,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, sequence: int) -> LetterDetails:
        """Get a dead letter.

        One task that was given up: what it was to do, where it failed, and the trace of its chain.

        Args:
            sequence: A dead letter, by its number.
        """
        return self._ask("GET", f"/api/v1/tasks/dead-letters/{sequence}", LetterDetails)

    def delete(self, sequence: int) -> None:
        """Delete a dead letter.

        Delete a task that was given up; its work stays undone. One that is gone already is no error.

        Args:
            sequence: A dead letter, by its number.
        """
        self._tell("DELETE", f"/api/v1/tasks/dead-letters/{sequence}")

    def requeue(self, sequence: int, *, idempotency_key: str | None = None) -> LetterRecord:
        """Requeue a dead letter.

        Send a task to its queue again, with all its tries, in its own chain and trace; the letter is
        deleted.

        Twice at the same time runs it once. 404 when it is gone, as it is after the first.

        Args:
            sequence: A dead letter, by its number.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/tasks/dead-letters/{sequence}/requeue",
            LetterRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
