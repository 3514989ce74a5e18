"""Worker processes: which are alive, and what each does now."""

import msgspec
from litestar import Router, get

from services.gateway.message_server import asking_nats
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.operate_examples import WORKER
from shared.messaging.workers import WorkerRecord, list_workers


class WorkerItems(msgspec.Struct, frozen=True, kw_only=True):
    """Every worker process, by service, host and pid."""

    items: list[WorkerRecord]
    next_cursor: str | None = None


@get(
    "/",
    summary="List workers",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, WorkerItems, WorkerItems(items=[WORKER]), "The worker processes that are alive"),
    },
)
async def get_workers() -> WorkerItems:
    """Each worker process with what it runs at this moment, as it said itself within the last two seconds.

    One that was killed is listed for a quarter of a minute more; `beat_at` tells. They come all at once.
    """
    with asking_nats():
        return WorkerItems(items=await list_workers())


workers_router = Router("/tasks/workers", route_handlers=[get_workers], tags=["tasks"])
