"""What the tests of projects, task configs and assignments make."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from services.analysis import project_queries
from services.analysis.tables import LOCAL_PROPOSER
from shared.contracts.ingestion import ChatRecord, ListChats
from shared.contracts.projects import (
    AssignAgent,
    AssignmentRecord,
    CreateProject,
    CreateTaskConfig,
    ProjectRecord,
    TaskConfigRecord,
)
from shared.messaging.queries import serve

CHATS = [
    ChatRecord(id=3, ids=[3, 1], telegram_id=-1001, type="supergroup", title="Каси"),
    ChatRecord(id=7, ids=[7], telegram_id=-1002, type="group", title="Склад"),
]
DUE = {"type": "object", "properties": {"due": {"type": "string", "format": "date"}}, "required": ["due"]}


@asynccontextmanager
async def ingestion(chats: list[ChatRecord] = CHATS) -> AsyncIterator[None]:
    """An ingestion that knows these chats."""

    async def list_chats(_query: ListChats) -> list[ChatRecord]:
        return chats

    served = await serve("ingestion", {ListChats.subject: list_chats})
    try:
        yield
    finally:
        await served.stop()


async def a_project(name: str = "Каса", **given: Any) -> ProjectRecord:
    """A project as a person makes one."""
    defaults: dict[str, Any] = {"project_id": uuid4(), "name": name}
    return await project_queries.create_project(CreateProject(**(defaults | given)))


async def a_task_config(name: str = "Задачі", **given: Any) -> TaskConfigRecord:
    """A task config as a person makes one."""
    defaults: dict[str, Any] = {"task_config_id": uuid4(), "name": name}
    return await project_queries.create_task_config(CreateTaskConfig(**(defaults | given)))


async def an_assignment(config: TaskConfigRecord, **given: Any) -> AssignmentRecord:
    """The first proposer, assigned to a task config."""
    defaults: dict[str, Any] = {"assignment_id": uuid4(), "agent_id": LOCAL_PROPOSER}
    return await project_queries.assign_agent(AssignAgent(task_config_id=config.id, **(defaults | given)))
