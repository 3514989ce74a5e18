"""Background tasks: which there are, starting one, and how one goes."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from opentelemetry.trace import SpanKind

from services.gateway.access import SCOPE
from services.gateway.catalogue import CatalogueEntry, catalogue, read_command
from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.routes.parameters import EXAMPLE_RUN, Accepted, IdempotencyKey
from shared.contracts.errors import not_found, unavailable
from shared.messaging.commands import publish_command
from shared.messaging.tasks import TaskRecord, get_task
from shared.telemetry import start_run

_STATUS_URL = f"/api/v1/tasks/{EXAMPLE_RUN}"
_ACCEPTED = Accepted(task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=_STATUS_URL)
_TASK = TaskRecord(
    task_id=str(EXAMPLE_RUN),
    actor="process_message",
    queue="ingestion",
    state="succeeded",
    attempts=1,
    updated_at=datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC),
    result="Processed: hello",
)


class NewTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task to start.

    Attributes:
        actor: Which, by its name in the catalogue.
        arguments: By name, as the catalogue's schema has them.
    """

    actor: Annotated[str, Meta(max_length=200, examples=["process_message"])]
    arguments: Annotated[dict[str, Any], Meta(examples=[{"text": "hello"}])] = {}


class CatalogueItems(msgspec.Struct, frozen=True, kw_only=True):
    """Every task, by queue and name."""

    items: list[CatalogueEntry]
    next_cursor: str | None = None


@get(
    "/catalogue", summary="List what tasks there are", operation_class=DescribedOperation, responses=answers()
)
async def get_catalogue() -> CatalogueItems:
    """Every task that can be started: its actor, queue, what it does, and the schema of its arguments."""
    return CatalogueItems(items=catalogue())


@post(
    "/",
    status_code=202,
    opt={SCOPE: "admin"},
    summary="Start a task",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(202, Accepted, _ACCEPTED, "The task was enqueued")},
)
async def start_task(
    request: Request[Any, Any, Any], data: JSONBody[NewTask], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Enqueue any task of the catalogue; its state and then its result are at `status_url` for a day.

    Needs the scope `admin`: tasks do what was decided before, and ask nobody whether they may.
    """
    del idempotency_key
    command = read_command(data.actor, data.arguments)

    async def enqueue(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/tasks", run_id, kind=SpanKind.SERVER):
            try:
                await publish_command(command, task_id=str(run_id), tracked=True)
            except ValueError as error:
                raise ProblemError(
                    422,
                    str(error),
                    errors=[FieldProblem(field="arguments", message=str(error), source="body")],
                ) from error
        location = f"/api/v1/tasks/{run_id}"
        return Answer(
            body=Accepted(task_id=str(run_id), run_id=run_id, status_url=location),
            status=202,
            location=location,
        )

    return await answer_once(request, await request.body(), enqueue)


@get(
    "/{task_id:str}",
    summary="Get a task",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, TaskRecord, _TASK, "The task's state, and its result")},
)
async def get_task_by_id(
    task_id: Annotated[str, PathParameter(max_length=100, description="As it came with 202.")],
) -> TaskRecord:
    """How a task goes: `enqueued`, `running`, `retrying`, `succeeded`, `failed` or `dead`; kept a day."""
    try:
        task = await get_task(task_id)
    except (NatsError, JetStreamError, OSError, TimeoutError) as error:
        raise unavailable(f"The message server does not answer ({error!r}); try again.") from error
    if task is None:
        raise not_found(f"task {task_id}, or it is older than a day")
    return task


tasks_router = Router("/tasks", route_handlers=[get_catalogue, start_task, get_task_by_id], tags=["tasks"])
