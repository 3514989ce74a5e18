"""Imports of export files and of chats' histories, and the jobs that they become."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta
from opentelemetry.trace import SpanKind

from services.gateway.access import SCOPE
from services.gateway.idempotency import Answer, answer_once
from services.gateway.middleware import OWN_BODY
from services.gateway.openapi import DescribedOperation, UploadOperation, answers, shown
from services.gateway.routes.examples import JOB
from services.gateway.routes.knowledge_parameters import change_once
from services.gateway.routes.parameters import (
    EXAMPLE_RUN,
    Accepted,
    Cursor,
    IdempotencyKey,
    Limit,
    in_utc,
)
from services.gateway.settings import GatewaySettings
from services.gateway.tracing import CHAIN
from services.gateway.uploads import Spooled, spool, temporary_file
from shared.contracts.errors import QueryError
from shared.contracts.history import MOST_CHATS, CreateHistoryJob
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
_MOST_ID = 2**52
_TELEGRAM_SECONDS = 60.0
"""For an answer: ingestion may have to ask Telegram for the account's chats."""

_EXAMPLE = Accepted(
    task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/ingestion/jobs/{EXAMPLE_RUN}"
)


class NewHistoryJob(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which chats to read.

    Attributes:
        chat_ids: Telegram's ids, as `GET /api/v1/telegram/chats` lists them.
        since: Only messages sent at or after this time; UTC when it has no zone.
        until: Only messages sent before this time; UTC when it has no zone.
        include_private: Whether talks between two may be read; without it they are refused.
    """

    chat_ids: Annotated[
        list[Annotated[int, Meta(ge=-_MOST_ID, le=_MOST_ID)]],
        Meta(min_length=1, max_length=MOST_CHATS, examples=[[-1001234567890]]),
    ]
    since: datetime | None = None
    until: datetime | None = None
    include_private: bool = False


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
    return _accepted(job)


def _accepted(job: JobRecord) -> Answer:
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


@post(
    "/jobs",
    status_code=202,
    opt={SCOPE: "admin"},
    summary="Import the history of chats",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(202, Accepted, _EXAMPLE, "The job is made, and begins when the account is free"),
    },
)
async def import_history(
    request: Request[Any, Any, Any], data: JSONBody[NewHistoryJob], idempotency_key: IdempotencyKey = None
) -> Response[Accepted]:
    """Have the signed-in Telegram account read chats, from their newest message to their oldest.

    Telegram gives 100 messages a call and wants a rest of about half a minute every ten calls: the job shows
    how long it waits, and goes on by itself, also after a restart. One job reads at a time. What is here
    already is skipped. 409 without credentials or account, 422 for private chats that were not asked for, and
    for chats that the account is not in. Needs the scope `admin`.
    """
    del idempotency_key

    async def begin(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/ingestion/jobs", run_id, kind=SpanKind.SERVER):
            query = CreateHistoryJob(
                job_id=run_id,
                chat_ids=data.chat_ids,
                since=in_utc(data.since),
                until=in_utc(data.until),
                include_private=data.include_private,
            )
            return _accepted(await ask(query, timeout=_TELEGRAM_SECONDS))

    return await answer_once(request, await request.body(), begin)


@get(
    "/jobs",
    summary="List jobs",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, JobPage, JobPage(items=[JOB]), "Jobs, newest first")},
)
async def list_jobs(
    status: FromQuery[JobStatus | None] = None,
    kind: Annotated[
        Literal["export", "history"] | None, QueryParameter(description="Only jobs of this kind.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JobPage:
    """Ingestion jobs, newest first, optionally only those with one status or of one kind."""
    return await ask(ListJobs(status=status, kind=kind, cursor=cursor, limit=limit))


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
    opt={CHAIN: "job_id"},
    status_code=200,
    summary="Cancel a job",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, JobRecord, JOB, "The job, cancelled")},
)
async def cancel_job(
    request: Request[Any, Any, Any], job_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[JobRecord]:
    """Cancel a job before its next batch; what it had stored stays. 409 when it has ended in another way."""
    del idempotency_key
    return await change_once(request, lambda _: CancelJob(job_id=job_id), chain=job_id)


ingestion_router = Router(
    "/ingestion",
    route_handlers=[import_export, import_history, list_jobs, get_job, cancel_job],
    tags=["ingestion"],
)
