"""Scoring runs and statistics."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from opentelemetry.trace import SpanKind

from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.examples import STATS
from services.gateway.routes.messages import chat_ids_of
from services.gateway.routes.parameters import EXAMPLE_RUN, Accepted, ChatFilter, IdempotencyKey
from shared.contracts.scoring import GetScoringStats, ScoringStats, StartScoringRun
from shared.messaging.queries import ask
from shared.telemetry import start_run

_EXAMPLE = Accepted(task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/tasks/{EXAMPLE_RUN}")


@post(
    "/runs",
    status_code=202,
    summary="Score what has no score",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(202, Accepted, _EXAMPLE, "The run was enqueued")},
)
async def start_scoring_run(
    request: Request[Any, Any, Any], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Score, in the background, every message that has no score of the present scorer version.

    It runs by itself every 15 minutes; this is for not waiting.
    """
    del idempotency_key

    async def begin(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/scoring/runs", run_id, kind=SpanKind.SERVER):
            run = await ask(StartScoringRun(run_id=run_id))
        location = f"/api/v1/tasks/{run.run_id}"
        return Answer(
            body=Accepted(task_id=str(run.run_id), run_id=run.run_id, status_url=location),
            status=202,
            location=location,
        )

    return await answer_once(request, await request.body(), begin)


@get(
    "/stats",
    summary="Count scored messages",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, ScoringStats, STATS, "Counts by class")},
)
async def get_stats(chat_id: ChatFilter = None) -> ScoringStats:
    """Counts of scored messages by class, of one chat or of all; a person's correction counts as it holds."""
    return await ask(GetScoringStats(chat_ids=await chat_ids_of(chat_id)))


scoring_router = Router("/scoring", route_handlers=[start_scoring_run, get_stats], tags=["scoring"])
