"""Imports of export files, and the jobs that they become."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter
from opentelemetry.trace import SpanKind

from services.gateway.idempotency import Answer, answer_once
from services.gateway.middleware import OWN_BODY
from services.gateway.openapi import DescribedOperation, UploadOperation, answers, shown
from services.gateway.routes.examples import JOB
from services.gateway.routes.parameters import EXAMPLE_RUN, Accepted, Cursor, IdempotencyKey, Limit
from services.gateway.settings import GatewaySettings
from services.gateway.uploads import Spooled, spool, temporary_file
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import (
    CancelJob,
    CreateImportJob,
    GetJob,
    JobPage,
    JobRecord,
    JobStatus,
    ListJobs,
)
from shared.messaging.queries import ask
from shared.messaging.uploads import delete_upload, store_upload
from shared.telemetry import start_run

_LONGEST_NAME = 255
_TRIES = 3
_EXAMPLE = Accepted(
    task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/ingestion/jobs/{EXAMPLE_RUN}"
)


@post(
    "/imports",
    status_code=202,
    summary="Import an export file",
    operation_class=UploadOperation,
    request_max_body_size=None,
    opt={OWN_BODY: True},
    responses={
        **answers(400, 409, 413, 415, 507),
        **shown(202, Accepted, _EXAMPLE, "The file is kept and its import has begun"),
    },
)
async def import_export(
    request: Request[Any, Any, Any],
    filename: Annotated[
        str,
        QueryParameter(
            max_length=_LONGEST_NAME,
            description="The file's name, for a person; a form's own name wins.",
            examples=[Example(value="result.json")],
        ),
    ] = "result.json",
    idempotency_key: IdempotencyKey = None,
) -> Response[Accepted]:
    """Upload the `result.json` of a Telegram Desktop export (JSON format); it is imported in the background.

    Send the file as the raw body (`application/json` or `application/octet-stream`) or as the first file of a
    `multipart/form-data` form. The file may have gigabytes. How it goes: `status_url`, and the WebSocket
    topic `ingestion`.
    """
    del idempotency_key
    settings: GatewaySettings = request.app.state.settings
    # Before gigabytes are taken: is anybody there who will import them?
    await ask(ListJobs(limit=1))
    with temporary_file(settings.upload_folder) as file:
        spooled = await spool(request, file, limit=settings.upload_limit_bytes)
        name = (spooled.filename or filename)[-_LONGEST_NAME:]

        async def begin(run_id: UUID) -> Answer:
            with start_run("POST /api/v1/ingestion/imports", run_id, kind=SpanKind.SERVER):
                return await _begin_import(run_id, name, spooled)

        return await answer_once(request, spooled.digest + name.encode(), begin)


async def _begin_import(run_id: UUID, name: str, spooled: Spooled) -> Answer:
    """Keep the upload, then make its job; an upload that no job will read is deleted again."""
    spooled.file.seek(0)
    await store_upload(str(run_id), spooled.file)
    try:
        job = await _create_job(CreateImportJob(job_id=run_id, source_name=name, size=spooled.size))
    except QueryError:
        await delete_upload(str(run_id))
        raise
    location = f"/api/v1/ingestion/jobs/{job.id}"
    return Answer(
        body=Accepted(task_id=str(job.id), run_id=job.id, status_url=location), status=202, location=location
    )


async def _create_job(query: CreateImportJob) -> JobRecord:
    """Ask until it is certain whether the job was made: an answer may be lost though the job is there."""
    for attempt in range(1, _TRIES + 1):
        try:
            return await ask(query)
        except QueryError as error:
            if error.code != "unavailable" or attempt == _TRIES:
                raise
    raise AssertionError


@get(
    "/jobs",
    summary="List jobs",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, JobPage, JobPage(items=[JOB]), "Jobs, newest first")},
)
async def list_jobs(
    status: FromQuery[JobStatus | None] = None, cursor: Cursor = None, limit: Limit = 50
) -> JobPage:
    """Ingestion jobs, newest first, optionally only those with one status."""
    return await ask(ListJobs(status=status, cursor=cursor, limit=limit))


@get(
    "/jobs/{job_id:uuid}",
    summary="Get a job",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, JobRecord, JOB, "The job and its counters")},
)
async def get_job(job_id: FromPath[UUID]) -> JobRecord:
    """One job with its counters, its first hundred unreadable messages, and why it failed if it did."""
    return await ask(GetJob(job_id=job_id))


@post(
    "/jobs/{job_id:uuid}/cancel",
    status_code=200,
    summary="Cancel a job",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, JobRecord, JOB, "The job, cancelled")},
)
async def cancel_job(job_id: FromPath[UUID]) -> JobRecord:
    """Cancel a job before its next batch; what it had stored stays. 409 when it has ended in another way."""
    return await ask(CancelJob(job_id=job_id))


ingestion_router = Router(
    "/ingestion", route_handlers=[import_export, list_jobs, get_job, cancel_job], tags=["ingestion"]
)
