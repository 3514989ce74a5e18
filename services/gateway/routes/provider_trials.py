"""Trying providers of language models out, and asking them what they offer."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from opentelemetry.trace import SpanKind

from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.parameters import EXAMPLE_RUN, Accepted, IdempotencyKey
from services.gateway.routes.provider_bodies import ModelItems
from services.gateway.routes.provider_examples import MODELS
from shared.contracts.analysis import ListModels, StartValidation
from shared.messaging.queries import ask
from shared.telemetry import start_run

_MODELS_TIMEOUT = 25.0
_EXAMPLE = Accepted(task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/tasks/{EXAMPLE_RUN}")


@post(
    "/{provider_id:uuid}/validate",
    status_code=202,
    summary="Try a provider out",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(202, Accepted, _EXAMPLE, "The validation was enqueued")},
)
async def validate_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Look at its models, ask for one small answer and one vector, in the background.

    The task's result, and then the provider itself, say `connected` or `error` with what to do.
    """
    del idempotency_key

    async def act(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/providers/{provider_id}/validate", run_id, kind=SpanKind.SERVER):
            await ask(StartValidation(provider_id=provider_id, run_id=run_id))
        location = f"/api/v1/tasks/{run_id}"
        body = Accepted(task_id=str(run_id), run_id=run_id, status_url=location)
        return Answer(body=body, status=202, location=location)

    return await answer_once(request, await request.body(), act)


@get(
    "/{provider_id:uuid}/models",
    summary="List a provider's models",
    operation_class=DescribedOperation,
    responses={
        **answers(404, 409),
        **shown(200, ModelItems, ModelItems(items=MODELS), "The models, by name"),
    },
)
async def list_models(provider_id: FromPath[UUID]) -> ModelItems:
    """The models that the provider offers at this moment, asked of itself.

    409 when its key or address is wrong, 503 when it does not answer.
    """
    found = await ask(ListModels(provider_id=provider_id), timeout=_MODELS_TIMEOUT)
    return ModelItems(items=found.models)


provider_trials_router = Router(
    "/providers", route_handlers=[validate_provider, list_models], tags=["providers"]
)
