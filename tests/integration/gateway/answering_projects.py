"""Analysis' projects, task configs and assignments: examples, or a refusal, and what was asked."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from services.gateway.routes.project_examples import ASSIGNMENT, PROJECT, TASK_CONFIG
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.projects import (
    AssignAgent,
    CreateProject,
    CreateTaskConfig,
    DeleteAssignment,
    DeleteProject,
    DeleteTaskConfig,
    GetAssignment,
    GetProject,
    GetTaskConfig,
    ListAssignments,
    ListProjects,
    ListTaskConfigs,
    ProjectPage,
    TaskConfigPage,
    UpdateProject,
    UpdateTaskConfig,
)
from shared.messaging.queries import Handler

ANSWERS: dict[type[Query[Any]], Any] = {
    UpdateProject: PROJECT,
    DeleteProject: None,
    GetProject: PROJECT,
    ListProjects: ProjectPage(items=[PROJECT], next_cursor="WzFd"),
    UpdateTaskConfig: TASK_CONFIG,
    DeleteTaskConfig: None,
    GetTaskConfig: TASK_CONFIG,
    ListTaskConfigs: TaskConfigPage(items=[TASK_CONFIG], next_cursor="WzFd"),
    DeleteAssignment: None,
    GetAssignment: ASSIGNMENT,
    ListAssignments: [ASSIGNMENT],
}


@dataclass
class Projects:
    """What it refuses, all or some queries, and which queries came."""

    asked: list[Any] = field(default_factory=list)
    refusal: QueryError | None = None
    refuses: dict[type, QueryError] = field(default_factory=dict)

    def clear(self) -> None:
        """Remember nothing and refuse nothing."""
        self.asked.clear()
        self.refusal = None
        self.refuses = {}

    def handlers(self) -> dict[type, Handler]:
        """One for each query."""
        found: dict[type, Handler] = dict.fromkeys(ANSWERS, self._answer)
        found[CreateProject] = self._create_project
        found[CreateTaskConfig] = self._create_task_config
        found[AssignAgent] = self._assign
        return found

    async def _answer(self, query: Any) -> Any:
        self._note(query)
        return ANSWERS[type(query)]

    async def _create_project(self, query: CreateProject) -> Any:
        self._note(query)
        return msgspec.structs.replace(PROJECT, id=query.project_id)

    async def _create_task_config(self, query: CreateTaskConfig) -> Any:
        self._note(query)
        return msgspec.structs.replace(TASK_CONFIG, id=query.task_config_id)

    async def _assign(self, query: AssignAgent) -> Any:
        self._note(query)
        return msgspec.structs.replace(ASSIGNMENT, id=query.assignment_id)

    def _note(self, query: Any) -> None:
        self.asked.append(query)
        refusal = self.refusal or self.refuses.get(type(query))
        if refusal is not None:
            raise refusal
