"""Analysis runs: a window of chat becomes proposals for a person to review."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_parameters import change_once, person
from services.gateway.routes.parameters import (
    EXAMPLE_RUN,
    Accepted,
    IdempotencyKey,
    in_utc,
)
from services.gateway.routes.work_examples import MADE_RUN, PROJECT_ID, RUN
from services.gateway.tracing import CHAIN
from shared.contracts.base import Query
from shared.contracts.runs import (
    CancelRun,
    CloseRun,
    CreateRun,
    GetRun,
    RetryRun,
    RunRecord,
    StartRun,
)
from shared.messaging.queries import ask

_MEASURING = 30.0
"""Seconds in which a window is measured for the estimate, however large."""

_BEGUN = Accepted(task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/runs/{EXAMPLE_RUN}")


class NewRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run to make.

    Attributes:
        project_id: Whose chats, words and rules.
        since: Messages sent at or after this time; UTC when it has no zone.
        until: Messages sent before this time; UTC when it has no zone.
        use_rag: Show the model similar atoms and earlier approved proposals.
        task_config_id: What to produce beside a proposal's own fields.
        agent_id: By this agent; when left out the one that is assigned, or the active `task_proposer`.
    """

    project_id: Annotated[UUID, Meta(examples=[str(PROJECT_ID)])]
    since: Annotated[datetime, Meta(examples=["2026-03-02T00:00:00Z"])]
    until: Annotated[datetime, Meta(examples=["2026-03-23T00:00:00Z"])]
    use_rag: bool = True
    task_config_id: UUID | None = None
    agent_id: UUID | None = None


@post(
    "/",
    status_code=201,
    summary="Make a run",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(201, RunRecord, MADE_RUN, "The run, which waits to be started, with its estimate"),
    },
)
async def make_run(
    request: Request[Any, Any, Any], data: JSONBody[NewRun], idempotency_key: IdempotencyKey = None
) -> Response[RunRecord]:
    """Make a run and estimate what it will cost; nothing is read or paid before `POST /runs/{run_id}/start`.

    409 names the project's run that is not closed yet: there is one at a time.
    """
    del idempotency_key
    by = person(request)

    def query(run_id: UUID) -> CreateRun:
        return CreateRun(
            run_id=run_id,
            project_id=data.project_id,
            since=in_utc(data.since) or data.since,
            until=in_utc(data.until) or data.until,
            created_by=by,
            use_rag=data.use_rag,
            task_config_id=data.task_config_id,
            agent_id=data.agent_id,
        )

    return await change_once(
        request, query, status=201, location=lambda run: f"/api/v1/runs/{run.id}", timeout=_MEASURING
    )


@get(
    "/{run_id:uuid}",
    summary="Get a run",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, RunRecord, RUN, "The run")},
)
async def get_run(run_id: FromPath[UUID]) -> RunRecord:
    """One run: how far it is, what came of it, what it cost, what went wrong.

    `accuracy` is by what people decided of its proposals; `config_snapshot` is what it works with, frozen.
    """
    return await ask(GetRun(run_id=run_id))


@post(
    "/{run_id:uuid}/start",
    opt={CHAIN: "run_id"},
    status_code=202,
    summary="Start a run",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(202, Accepted, _BEGUN, "The run was enqueued")},
)
async def start_run(
    request: Request[Any, Any, Any], run_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Begin a run that is `pending`, in the background; 409 when it is not.

    Watch `analysis.batch_completed` and `analysis.run_completed` on the WebSocket, or look at `status_url`.
    """
    del idempotency_key
    return await _begin(request, StartRun(run_id=run_id), run_id)


@post(
    "/{run_id:uuid}/retry",
    opt={CHAIN: "run_id"},
    status_code=202,
    summary="Retry a run",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(202, Accepted, _BEGUN, "The run goes on")},
)
async def retry_run(
    request: Request[Any, Any, Any], run_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Go on with a failed or cancelled run at the first batch that was not saved; 409 in other states.

    What the model has answered already comes from the cache, and is not paid twice.
    """
    del idempotency_key
    return await _begin(request, RetryRun(run_id=run_id), run_id)


@post(
    "/{run_id:uuid}/cancel",
    opt={CHAIN: "run_id"},
    status_code=200,
    summary="Cancel a run",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, RunRecord, RUN, "The run, cancelled")},
)
async def cancel_run(
    request: Request[Any, Any, Any], run_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[RunRecord]:
    """Stop a run before its next batch; its proposals stay. 409 once it is completed."""
    del idempotency_key
    return await change_once(request, lambda _: CancelRun(run_id=run_id), chain=run_id)


@post(
    "/{run_id:uuid}/close",
    opt={CHAIN: "run_id"},
    status_code=200,
    summary="Close a run",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, RunRecord, RUN, "The run, closed")},
)
async def close_run(
    request: Request[Any, Any, Any], run_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[RunRecord]:
    """Close a run, so that its project may have the next; 409 says how many proposals still wait."""
    del idempotency_key
    query = CloseRun(run_id=run_id, closed_by=person(request))
    return await change_once(request, lambda _: query, chain=run_id)


async def _begin(
    request: Request[Any, Any, Any], query: Query[RunRecord], run_id: UUID
) -> Response[Accepted]:
    """Have a run work, as a part of its own chain."""
    location = f"/api/v1/runs/{run_id}"
    accepted = Accepted(task_id=str(run_id), run_id=run_id, status_url=location)
    return await change_once(
        request,
        lambda _: query,
        status=202,
        location=lambda _: location,
        shape=lambda _: accepted,
        chain=run_id,
    )


runs_router = Router(
    "/runs",
    route_handlers=[make_run, get_run, start_run, retry_run, cancel_run, close_run],
    tags=["runs"],
)
