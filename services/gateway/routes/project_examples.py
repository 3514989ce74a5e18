"""The projects, task configs and assignments that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.gateway.routes.work_examples import SNAPSHOT
from shared.contracts.projects import AssignmentRecord, TaskConfigRecord

_MADE = datetime(2026, 3, 23, 8, 41, 7, tzinfo=UTC)

PROJECT = msgspec.structs.replace(
    SNAPSHOT.project, keywords=["склад", "сканер", "накладна"], mentions=["olena_dev"]
)
TASK_CONFIG = TaskConfigRecord(
    id=UUID("8f1d2c6b-5e47-4b0a-9c38-7a6d1e0f2b94"),
    name="Задачі зі строком",
    instructions="Строк став лише тоді, коли його названо в чаті.",
    details_schema={
        "type": "object",
        "properties": {"due": {"type": "string", "format": "date"}, "effort": {"enum": ["S", "M", "L"]}},
        "additionalProperties": False,
    },
    created_at=_MADE,
    updated_at=_MADE,
)
ASSIGNMENT = AssignmentRecord(
    id=UUID("b6a0e3d9-1f58-4c7d-a2e4-6d9c8b7a5f31"),
    task_config_id=TASK_CONFIG.id,
    task_config_name=TASK_CONFIG.name,
    agent_id=SNAPSHOT.agent_id,
    agent_name=SNAPSHOT.agent_name,
    project_id=PROJECT.id,
    project_name=PROJECT.name,
    created_at=_MADE,
)
