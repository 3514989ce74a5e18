"""Assignments of the API, by `client.assignments`."""

from uuid import UUID

from tasktracker.records.assignments import AssignmentItems, AssignmentRecord
from tasktracker.resource import Resource, given, segment


class Assignments(Resource):
    """Which agent does a task config's runs."""

    def list(self, *, task_config_id: UUID | str | None = None) -> AssignmentItems:
        """List assignments.

        All assignments; of a task config the one for all projects first.

        Args:
            task_config_id: Only those of this task config.
        """
        return self._ask(
            "GET", "/api/v1/assignments", AssignmentItems, query={"task_config_id": task_config_id}
        )

    def create(
        self,
        *,
        task_config_id: UUID | str,
        agent_id: UUID | str,
        project_id: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> AssignmentRecord:
        """Assign an agent.

        Have an agent do a task config's runs, in place of the one that does them for the same project now.

        422 names what is not there, or an agent that proposes no tasks.

        Args:
            agent_id: An agent of the kind `task_proposer`.
            project_id: For this project alone; without one, for all that have none of their own.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/assignments",
            AssignmentRecord,
            body=given({"task_config_id": task_config_id, "agent_id": agent_id, "project_id": project_id}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, assignment_id: UUID | str) -> AssignmentRecord:
        """Get an assignment.

        One assignment. It is never changed: another one takes its place.
        """
        return self._ask("GET", f"/api/v1/assignments/{segment(assignment_id)}", AssignmentRecord)

    def delete(self, assignment_id: UUID | str) -> None:
        """Take an assignment away.

        Take an assignment away. One that is gone already is no error.
        """
        self._tell("DELETE", f"/api/v1/assignments/{segment(assignment_id)}")
