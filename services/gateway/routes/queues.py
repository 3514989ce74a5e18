"""Queues: how full each is, and holding one for a while."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind

from dramatiq_nats import pause_queue, resume_queue
from services.gateway.access import SCOPE
from services.gateway.idempotency import Answer, answer_once
from services.gateway.message_server import asking_nats, jetstream, queues_namespace
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.queue_figures import QueueRecord, queues_now
from services.gateway.routes.operate_examples import PAUSED_QUEUE, QUEUE
from services.gateway.routes.parameters import IdempotencyKey, in_utc
from shared.contracts.errors import not_found
from shared.telemetry import start_run

_LATEST = datetime(2199, 12, 31, tzinfo=UTC)

QueueName = Annotated[str, PathParameter(max_length=100, description="A queue, by its name.")]


class QueueItems(msgspec.Struct, frozen=True, kw_only=True):
    """Every queue, by name."""

    items: list[QueueRecord]
    next_cursor: str | None = None


class Pause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long.

    Attributes:
        until: When the queue goes on by itself, before the year 2200; UTC when it has no zone. Null holds it
            until it is resumed.
    """

    until: Annotated[datetime | None, Meta(examples=["2199-03-12T18:00:00Z"])] = None


@get(
    "/",
    summary="List queues",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, QueueItems, QueueItems(items=[QUEUE]), "The queues, by name")},
)
async def list_queues() -> QueueItems:
    """How full each queue is now, how old its oldest task is, who works on it, and whether it is paused.

    Queues are those that have tasks, or whose service has run. They come all at once.
    """
    with asking_nats():
        return QueueItems(items=await queues_now(await jetstream()))


@post(
    "/{queue:str}/pause",
    status_code=200,
    opt={SCOPE: "admin"},
    summary="Pause a queue",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, QueueRecord, PAUSED_QUEUE, "The queue, which is held"),
    },
)
async def pause(
    request: Request[Any, Any, Any],
    queue: QueueName,
    data: JSONBody[Pause],
    idempotency_key: IdempotencyKey = None,
) -> Response[QueueRecord]:
    """Hand out no more tasks of a queue, for all its workers at once, also over restarts.

    What a worker holds it still runs: `in_progress` says how many are left. Tasks go on coming in, and none
    is lost. Pausing again changes the time.
    """
    del idempotency_key
    until = _future(in_utc(data.until))
    return await _change(request, queue, lambda js: pause_queue(js, queues_namespace(), queue, until))


@post(
    "/{queue:str}/resume",
    status_code=200,
    opt={SCOPE: "admin"},
    summary="Resume a queue",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, QueueRecord, QUEUE, "The queue, which goes on")},
)
async def resume(
    request: Request[Any, Any, Any], queue: QueueName, idempotency_key: IdempotencyKey = None
) -> Response[QueueRecord]:
    """Have a paused queue hand out its tasks again, within five seconds; nothing happens to any other."""
    del idempotency_key
    return await _change(request, queue, lambda js: resume_queue(js, queues_namespace(), queue))


async def _change(
    request: Request[Any, Any, Any], queue: str, change: Callable[[JetStreamContext], Awaitable[None]]
) -> Response[QueueRecord]:
    async def act(run_id: UUID) -> Answer:
        name = f"{request.method} {request.scope['path_template']}"
        with start_run(name, run_id, kind=SpanKind.SERVER), asking_nats():
            js = await jetstream()
            await _find(js, queue)
            await change(js)
            return Answer(body=await _find(js, queue))

    return await answer_once(request, await request.body(), act)


async def _find(js: JetStreamContext, queue: str) -> QueueRecord:
    for record in await queues_now(js):
        if record.queue == queue:
            return record
    raise not_found(f"queue {queue!r}")


def _future(until: datetime | None) -> datetime | None:
    if until is None or datetime.now(UTC) < until < _LATEST:
        return until
    message = "Must be in the future, and before the year 2200."
    raise ProblemError(
        422, f"until: {message}", errors=[FieldProblem(field="until", message=message, source="body")]
    )


queues_router = Router("/tasks/queues", route_handlers=[list_queues, pause, resume], tags=["tasks"])
