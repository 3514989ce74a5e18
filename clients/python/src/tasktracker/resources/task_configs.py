"""TaskConfigs of the API, by `client.task_configs`."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.common import TaskConfigRecord
from tasktracker.records.task_configs import TaskConfigPage
from tasktracker.resource import Resource, changed, every, given, segment


class TaskConfigs(Resource):
    """What a run is to produce, as a JSON Schema."""

    def list(self, *, cursor: str | None = None, limit: int | None = None) -> TaskConfigPage:
        """List task configs.

        Task configs, by name.

        Args:
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET", "/api/v1/task-configs", TaskConfigPage, query={"cursor": cursor, "limit": limit}
        )

    def iterate(self, *, limit: int | None = None) -> Iterator[TaskConfigRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(limit=limit, cursor=cursor))

    def create(
        self,
        name: str,
        *,
        description: str | None = None,
        instructions: str | None = None,
        details_schema: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> TaskConfigRecord:
        """Make a task config.

        Make a task config. 409 when another one has the name.

        A schema that is none is refused with 422 and the place, for example
        `details_schema.properties.due.type`.

        Args:
            name: Unique whatever the case.
            instructions: Said to the model beside the prompt.
            details_schema: JSON Schema (draft 2020-12) of an object, each proposal's `details`: at most 32
                KiB, 20 levels deep, and referring only to itself (`#…`). Null asks for no details.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/task-configs",
            TaskConfigRecord,
            body=given(
                {
                    "name": name,
                    "description": description,
                    "instructions": instructions,
                    "details_schema": details_schema,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, task_config_id: UUID | str) -> TaskConfigRecord:
        """Get a task config.

        One task config.
        """
        return self._ask("GET", f"/api/v1/task-configs/{segment(task_config_id)}", TaskConfigRecord)

    def change(
        self,
        task_config_id: UUID | str,
        *,
        name: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        instructions: str | UnsetType = UNSET,
        details_schema: Mapping[str, Any] | UnsetType | None = UNSET,
        if_match: str | None = None,
    ) -> TaskConfigRecord:
        """Change a task config.

        Change what is given; runs that have begun go on with what they began with.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/task-configs/{segment(task_config_id)}",
            TaskConfigRecord,
            body=changed(
                {
                    "name": name,
                    "description": description,
                    "instructions": instructions,
                    "details_schema": details_schema,
                }
            ),
            headers={"If-Match": if_match},
        )

    def delete(self, task_config_id: UUID | str, *, if_match: str | None = None) -> None:
        """Delete a task config.

        Delete a task config with its assignments; its runs stay. One that is gone already is no error.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        self._tell(
            "DELETE", f"/api/v1/task-configs/{segment(task_config_id)}", headers={"If-Match": if_match}
        )
