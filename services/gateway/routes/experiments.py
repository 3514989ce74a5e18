"""Classification experiments: how well a model sorts labelled messages into topics, measured."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.experiment_examples import (
    BEGUN_EXPERIMENT,
    CANCELLED_EXPERIMENT,
    COMPARISON,
    EXPERIMENT,
    RESULT,
)
from services.gateway.routes.knowledge_parameters import change, change_once, person
from services.gateway.routes.parameters import Accepted, Cursor, IdempotencyKey, Limit
from services.gateway.tracing import CHAIN
from shared.contracts.analysis import Language, ModelName, Name
from shared.contracts.experiments import (
    CancelExperiment,
    CompareExperiments,
    Comparison,
    CreateExperiment,
    DeleteExperiment,
    ExperimentPage,
    ExperimentRecord,
    ExperimentStatus,
    GetExperiment,
    ListExperimentResults,
    ListExperiments,
    ResultPage,
)
from shared.messaging.queries import ask

_GATHERING = 60.0
"""Seconds in which labels and texts are gathered, however many there are."""


class ExperimentAccepted(Accepted, frozen=True, kw_only=True):
    """An experiment that has begun.

    Attributes:
        id: Its id, which `task_id` and `run_id` are, too.
        experiment: As it stands.
    """

    id: UUID
    experiment: ExperimentRecord


class NewExperiment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experiment to begin.

    Attributes:
        provider_id: Whose model classifies; `local`, by the nearest topic, when left out.
        model: The provider's chat model when left out.
        snapshot_of: An experiment whose messages and topics are used again, so that both can be compared.
        language: Of the prompt.
        max_cost: US dollars; an experiment that reaches it is `failed`, and what it classified stays.
        messages: At most so many labelled messages, of each topic about as many; of a snapshot all.
    """

    name: Annotated[Name, Meta(examples=["Базовий режим"])]
    provider_id: UUID | None = None
    model: ModelName | None = None
    snapshot_of: UUID | None = None
    language: Language = "uk"
    max_cost: Annotated[float, Meta(ge=0, le=1_000_000)] = 1.0
    messages: Annotated[int, Meta(ge=1, le=1000)] = 1000


def _accepted(experiment: ExperimentRecord) -> ExperimentAccepted:
    return ExperimentAccepted(
        id=experiment.id,
        task_id=str(experiment.id),
        run_id=experiment.id,
        status_url=f"/api/v1/experiments/{experiment.id}",
        experiment=experiment,
    )


@post(
    "/",
    status_code=202,
    summary="Begin an experiment",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(202, ExperimentAccepted, _accepted(BEGUN_EXPERIMENT), "The experiment has begun"),
    },
)
async def begin_experiment(
    request: Request[Any, Any, Any], data: JSONBody[NewExperiment], idempotency_key: IdempotencyKey = None
) -> Response[ExperimentAccepted]:
    """Classify labelled messages in the background, and measure how well that went.

    What is classified, and among which topics, is frozen. 409 says what to do when the labels (`PUT
    /messages/labels`) are not of two topics at least. Watch `experiment_progress` on the WebSocket.
    """
    del idempotency_key
    by, fields = person(request), msgspec.structs.asdict(data)
    return await change_once(
        request,
        lambda run_id: CreateExperiment(experiment_id=run_id, created_by=by, **fields),
        status=202,
        location=lambda made: f"/api/v1/experiments/{made.id}",
        shape=_accepted,
        timeout=_GATHERING,
    )


@get(
    "/",
    summary="List experiments",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, ExperimentPage, ExperimentPage(items=[EXPERIMENT]), "Experiments, newest first"),
    },
)
async def list_experiments(
    status: Annotated[
        ExperimentStatus | None, QueryParameter(description="Only experiments that stand so.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ExperimentPage:
    """Experiments with their figures, newest first. Those with one `snapshot_id` can be compared."""
    return await ask(ListExperiments(status=status, cursor=cursor, limit=limit))


@get(
    "/compare",
    summary="Compare two experiments",
    operation_class=DescribedOperation,
    responses={
        **answers(404, 409),
        **shown(200, Comparison, COMPARISON, "Who was right how often, and whether that is chance"),
    },
)
async def compare_experiments(
    first_id: Annotated[UUID, QueryParameter(description="The id of an experiment.")],
    second_id: Annotated[UUID, QueryParameter(description="The id of another one on the same snapshot.")],
) -> Comparison:
    """Compare two completed experiments on the same snapshot, message by message, by McNemar's test.

    409 when one has not completed, or they classified different messages: begin the second one with
    `snapshot_of` the first.
    """
    return await ask(CompareExperiments(first_id=first_id, second_id=second_id))


@get(
    "/{experiment_id:uuid}",
    summary="Get an experiment",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ExperimentRecord, EXPERIMENT, "The experiment")},
)
async def get_experiment(experiment_id: FromPath[UUID]) -> ExperimentRecord:
    """One experiment: how far it is, and once it is completed its figures and its confusion matrix."""
    return await ask(GetExperiment(experiment_id=experiment_id))


@get(
    "/{experiment_id:uuid}/results",
    summary="List an experiment's results",
    operation_class=DescribedOperation,
    responses={
        **answers(404),
        **shown(200, ResultPage, ResultPage(items=[RESULT]), "Results in the order of their messages' ids"),
    },
)
async def list_results(
    experiment_id: FromPath[UUID],
    *,
    wrong: Annotated[bool, QueryParameter(description="Only messages whose topic was not found.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ResultPage:
    """What became of each message: its topic, the one it was taken for, how surely, and why."""
    return await ask(
        ListExperimentResults(experiment_id=experiment_id, wrong=wrong, cursor=cursor, limit=limit)
    )


@post(
    "/{experiment_id:uuid}/cancel",
    opt={CHAIN: "experiment_id"},
    status_code=200,
    summary="Cancel an experiment",
    operation_class=DescribedOperation,
    responses={
        **answers(404, 409),
        **shown(200, ExperimentRecord, CANCELLED_EXPERIMENT, "The experiment, cancelled"),
    },
)
async def cancel_experiment(
    request: Request[Any, Any, Any], experiment_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[ExperimentRecord]:
    """Stop an experiment at once; what it has classified stays. 409 when it has ended."""
    del idempotency_key
    query = CancelExperiment(experiment_id=experiment_id)
    return await change_once(request, lambda _: query, chain=experiment_id)


@delete(
    "/{experiment_id:uuid}",
    status_code=204,
    summary="Delete an experiment",
    operation_class=DescribedOperation,
    responses=answers(409),
)
async def delete_experiment(request: Request[Any, Any, Any], experiment_id: FromPath[UUID]) -> None:
    """Delete an experiment with its results; 409 while it runs. One that is gone already is no error."""
    await change(request, DeleteExperiment(experiment_id=experiment_id))


experiments_router = Router(
    "/experiments",
    route_handlers=[
        begin_experiment,
        list_experiments,
        compare_experiments,
        get_experiment,
        list_results,
        cancel_experiment,
        delete_experiment,
    ],
    tags=["experiments"],
)
