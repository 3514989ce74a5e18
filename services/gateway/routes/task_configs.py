"""Task configs: what a run is to produce beside a proposal's own fields."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from services.gateway.etags import (
    IfMatch,
    IfNoneMatch,
    by_time,
    delete_seen,
    edit,
    show,
    time_seen,
)
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import change_once, person
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from services.gateway.routes.project_examples import TASK_CONFIG
from shared.contracts.analysis import Name
from shared.contracts.projects import (
    CreateTaskConfig,
    DeleteTaskConfig,
    GetTaskConfig,
    ListTaskConfigs,
    TaskConfigPage,
    TaskConfigRecord,
    Text,
    UpdateTaskConfig,
)
from shared.messaging.queries import ask


class NewTaskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task config to make.

    Attributes:
        name: Unique whatever the case.
        instructions: Said to the model beside the prompt.
        details_schema: JSON Schema (draft 2020-12) of an object, each proposal's `details`: at most 32 KiB,
            20 levels deep, and referring only to itself (`#…`). Null asks for no details.
    """

    name: Annotated[Name, Meta(examples=["Задачі зі строком"])]
    description: Text = ""
    instructions: Text = ""
    details_schema: dict[str, Any] | None = None


class TaskConfigChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and a null schema asks for no details any more."""

    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    instructions: Text | UnsetType = UNSET
    details_schema: dict[str, Any] | UnsetType | None = UNSET


@get(
    "/",
    summary="List task configs",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, TaskConfigPage, TaskConfigPage(items=[TASK_CONFIG]), "Task configs, by name"),
    },
)
async def list_task_configs(cursor: Cursor = None, limit: Limit = 50) -> TaskConfigPage:
    """Task configs, by name."""
    return await ask(ListTaskConfigs(cursor=cursor, limit=limit))


@post(
    "/",
    status_code=201,
    summary="Make a task config",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, TaskConfigRecord, TASK_CONFIG, "The task config")},
)
async def make_task_config(
    request: Request[Any, Any, Any], data: JSONBody[NewTaskConfig], idempotency_key: IdempotencyKey = None
) -> Response[TaskConfigRecord]:
    """Make a task config. 409 when another one has the name.

    A schema that is none is refused with 422 and the place, for example `details_schema.properties.due.type`.
    """
    del idempotency_key
    by, fields = person(request), msgspec.structs.asdict(data)
    return await change_once(
        request,
        lambda run_id: CreateTaskConfig(task_config_id=run_id, changed_by=by, **fields),
        status=201,
        location=lambda config: f"/api/v1/task-configs/{config.id}",
    )


@get(
    "/{task_config_id:uuid}",
    summary="Get a task config",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, TaskConfigRecord, TASK_CONFIG, "The task config")},
)
async def get_task_config(
    request: Request[Any, Any, Any], task_config_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[TaskConfigRecord]:
    """One task config."""
    del if_none_match
    return show(request, await ask(GetTaskConfig(task_config_id=task_config_id)), by_time)


@patch(
    "/{task_config_id:uuid}",
    summary="Change a task config",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, TaskConfigRecord, TASK_CONFIG, "The task config as it is now"),
    },
)
async def change_task_config(
    request: Request[Any, Any, Any],
    task_config_id: FromPath[UUID],
    data: JSONBody[TaskConfigChange],
    if_match: IfMatch = None,
) -> Response[TaskConfigRecord]:
    """Change what is given; runs that have begun go on with what they began with."""
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    return await edit(
        request,
        GetTaskConfig(task_config_id=task_config_id),
        by_time,
        lambda seen: UpdateTaskConfig(
            task_config_id=task_config_id, changed_by=by, unchanged_since=time_seen(seen), **fields
        ),
    )


@delete(
    "/{task_config_id:uuid}",
    status_code=204,
    summary="Delete a task config",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_task_config(
    request: Request[Any, Any, Any], task_config_id: FromPath[UUID], if_match: IfMatch = None
) -> None:
    """Delete a task config with its assignments; its runs stay. One that is gone already is no error."""
    del if_match
    by = person(request)
    await delete_seen(
        request,
        GetTaskConfig(task_config_id=task_config_id),
        by_time,
        lambda seen: DeleteTaskConfig(
            task_config_id=task_config_id, changed_by=by, unchanged_since=time_seen(seen)
        ),
    )


task_configs_router = Router(
    "/task-configs",
    route_handlers=[
        list_task_configs,
        make_task_config,
        get_task_config,
        change_task_config,
        delete_task_config,
    ],
    tags=["task configs"],
)
