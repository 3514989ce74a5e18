"""Tasks of the API, by `client.tasks`."""

from collections.abc import Mapping
from typing import Any

from tasktracker.records.common import Accepted
from tasktracker.records.tasks import CatalogueItems, TaskRecord
from tasktracker.resource import Resource, given, segment


class Tasks(Resource):
    """Every background task: what there is, how one goes, starting one."""

    def start(
        self, actor: str, *, arguments: Mapping[str, Any] | None = None, idempotency_key: str | None = None
    ) -> Accepted:
        """Start a task.

        Enqueue any task of the catalogue; its state and then its result are at `status_url` for a day.

        Needs the scope `admin`: tasks do what was decided before, and ask nobody whether they may.

        Args:
            actor: Which, by its name in the catalogue.
            arguments: By name, as the catalogue's schema has them.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/tasks",
            Accepted,
            body=given({"actor": actor, "arguments": arguments}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def catalogue(self) -> CatalogueItems:
        """List what tasks there are.

        Every task that can be started: its actor, queue, what it does, and the schema of its arguments.
        """
        return self._ask("GET", "/api/v1/tasks/catalogue", CatalogueItems)

    def get(self, task_id: str) -> TaskRecord:
        """Get a task.

        How a task goes: `enqueued`, `running`, `retrying`, `succeeded`, `failed` or `dead`; kept a day.

        Args:
            task_id: As it came with 202.
        """
        return self._ask("GET", f"/api/v1/tasks/{segment(task_id)}", TaskRecord)
