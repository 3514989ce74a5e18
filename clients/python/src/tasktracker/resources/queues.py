"""Queues of the API, by `client.queues`."""

from datetime import datetime

from tasktracker.records.queues import QueueItems, QueueRecord
from tasktracker.resource import Resource, given, segment


class Queues(Resource):
    """Every background task: what there is, how one goes, starting one."""

    def list(self) -> QueueItems:
        """List queues.

        How full each queue is now, how old its oldest task is, who works on it, and whether it is paused.

        Queues are those that have tasks, or whose service has run. They come all at once.
        """
        return self._ask("GET", "/api/v1/tasks/queues", QueueItems)

    def pause(
        self, queue: str, *, until: datetime | None = None, idempotency_key: str | None = None
    ) -> QueueRecord:
        """Pause a queue.

        Hand out no more tasks of a queue, for all its workers at once, also over restarts.

        What a worker holds it still runs: `in_progress` says how many are left. Tasks go on coming in, and
        none is lost. Pausing again changes the time.

        Args:
            queue: A queue, by its name.
            until: When the queue goes on by itself, before the year 2200; UTC when it has no zone. Null
                holds it until it is resumed.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/tasks/queues/{segment(queue)}/pause",
            QueueRecord,
            body=given({"until": until}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def resume(self, queue: str, *, idempotency_key: str | None = None) -> QueueRecord:
        """Resume a queue.

        Have a paused queue hand out its tasks again, within five seconds; nothing happens to any other.

        Args:
            queue: A queue, by its name.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/tasks/queues/{segment(queue)}/resume",
            QueueRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
