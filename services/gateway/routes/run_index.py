"""Everything that runs as one list: analysis runs, experiments, extractions and ingestion jobs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

import msgspec
from litestar import Request, Router, get
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.gateway.merged import Ask, Page, merge
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.parameters import Limit
from services.gateway.routes.work_examples import PROJECT_ID, RUN
from shared.contracts.experiments import ExperimentRecord, ListExperiments
from shared.contracts.extraction import ExtractionRecord, ListExtractions
from shared.contracts.ingestion import JobRecord, ListJobs
from shared.contracts.runs import ListRuns, RunRecord, RunStatus
from shared.messaging.queries import ask

RunKind = Literal["analysis", "experiment", "extraction", "ingestion"]
_ANALYSIS_ALONE: Final = frozenset({"reviewed", "closed"})
"""States that only analysis runs have."""

Kind = Annotated[RunKind | None, QueryParameter(description="Only runs of this kind.")]
Status = Annotated[RunStatus | None, QueryParameter(description="Only runs that stand so.")]
Project = Annotated[
    UUID | None,
    QueryParameter(
        description="Only runs of this project, which are analysis runs.",
        examples=[Example(value=str(PROJECT_ID))],
    ),
]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=4000, description="`next_cursor` of the page before; absent for the first."),
]


class IndexedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of any kind, as far as all kinds are alike.

    Attributes:
        id: Also the run_id of its chain and the id of its trace.
        name: The project's, the experiment's, the agent's or the file's.
        ended_at: When it was completed, failed or was cancelled; null until then.
        done: Batches, or an experiment's or extraction's messages.
        total: Of as many; null while that is not known.
        status_url: Where all about it is.
        trace: Where its trace is shown; null when the gateway does not know, see `/runs/{run_id}/trace`.
        failure: What happened and what to do, when it failed.
        analysis: All about it where it is an analysis run.
    """

    kind: RunKind
    id: UUID
    name: str
    status: RunStatus
    created_at: datetime
    ended_at: datetime | None = None
    done: int = 0
    total: int | None = None
    status_url: str
    trace: str | None = None
    failure: str | None = None
    analysis: RunRecord | None = None


class IndexedRuns(msgspec.Struct, frozen=True, kw_only=True):
    """A page of runs, newest first; `next_cursor` is null on the last page.

    Attributes:
        notes: What a reader should know of this answer, for example that a kind is missing for now.
    """

    items: list[IndexedRun]
    next_cursor: str | None = None
    notes: list[str] = []


def _analysis(run: RunRecord) -> IndexedRun:
    return IndexedRun(
        kind="analysis",
        id=run.id,
        name=run.project_name,
        status=run.status,
        created_at=run.created_at,
        ended_at=run.finished_at,
        done=run.batches_done,
        total=run.batches_total,
        status_url=f"/api/v1/runs/{run.id}",
        failure=run.failure,
        analysis=run,
    )


def _experiment(experiment: ExperimentRecord) -> IndexedRun:
    return IndexedRun(
        kind="experiment",
        id=experiment.id,
        name=experiment.name,
        status=experiment.status,
        created_at=experiment.created_at,
        ended_at=experiment.finished_at,
        done=experiment.messages_done,
        total=experiment.messages_total,
        status_url=f"/api/v1/experiments/{experiment.id}",
        failure=experiment.failure,
    )


def _extraction(extraction: ExtractionRecord) -> IndexedRun:
    return IndexedRun(
        kind="extraction",
        id=extraction.id,
        name=extraction.agent_name or extraction.trigger,
        status=extraction.status,
        created_at=extraction.created_at,
        ended_at=extraction.finished_at,
        done=extraction.messages if extraction.status == "completed" else 0,
        total=extraction.messages,
        status_url=f"/api/v1/knowledge/extractions/{extraction.id}",
        failure=extraction.failure,
    )


def _job(job: JobRecord) -> IndexedRun:
    return IndexedRun(
        kind="ingestion",
        id=job.id,
        name=job.source_name,
        status=job.status,
        created_at=job.created_at,
        ended_at=job.finished_at,
        done=job.current_batch,
        total=job.total_batches,
        status_url=f"/api/v1/ingestion/jobs/{job.id}",
        failure=job.failure,
    )


def _lists(status: Any, project_id: UUID | None) -> Mapping[RunKind, Ask[IndexedRun]]:
    """How each kind is asked for."""

    async def runs(cursor: str | None, limit: int) -> Page[IndexedRun]:
        page = await ask(ListRuns(project_id=project_id, status=status, cursor=cursor, limit=limit))
        return [_analysis(run) for run in page.items], page.next_cursor

    async def experiments(cursor: str | None, limit: int) -> Page[IndexedRun]:
        page = await ask(ListExperiments(status=status, cursor=cursor, limit=limit))
        return [_experiment(experiment) for experiment in page.items], page.next_cursor

    async def extractions(cursor: str | None, limit: int) -> Page[IndexedRun]:
        page = await ask(ListExtractions(status=status, cursor=cursor, limit=limit))
        return [_extraction(extraction) for extraction in page.items], page.next_cursor

    async def jobs(cursor: str | None, limit: int) -> Page[IndexedRun]:
        page = await ask(ListJobs(status=status, cursor=cursor, limit=limit))
        return [_job(job) for job in page.items], page.next_cursor

    return {"analysis": runs, "experiment": experiments, "extraction": extractions, "ingestion": jobs}


@get(
    "/",
    summary="List runs",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, IndexedRuns, IndexedRuns(items=[_analysis(RUN)]), "Runs of every kind, newest first"),
    },
)
async def list_runs(  # noqa: PLR0913, PLR0917 - its filters
    request: Request[Any, Any, Any],
    kind: Kind = None,
    status: Status = None,
    project_id: Project = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> IndexedRuns:
    """Everything that runs or has run, newest first: analysis, experiments, extractions and ingestion jobs.

    While a service is away, its kind is left out with a note; further pages have it again. 503 only when
    nobody answers. `reviewed` and `closed` are states of analysis runs alone.
    """
    wanted = [kind] if kind else list(get_args(RunKind))
    if project_id is not None or status in _ANALYSIS_ALONE:
        wanted = [each for each in wanted if each == "analysis"]
    lists = _lists(status, project_id)
    items, next_cursor, away = await merge({name: lists[name] for name in wanted}, cursor, limit)
    return IndexedRuns(
        items=[_with_trace(item, request.app.state.settings.traces_url) for item in items],
        next_cursor=next_cursor,
        notes=[f"Kind {name} is missing for now: its service does not answer." for name in away],
    )


def _with_trace(run: IndexedRun, traces_url: str | None) -> IndexedRun:
    url = None if traces_url is None else f"{traces_url}/trace/{run.id.hex}"
    return msgspec.structs.replace(run, trace=url)


run_index_router = Router("/runs", route_handlers=[list_runs], tags=["runs"])
