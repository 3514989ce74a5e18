"""Extractions: from messages to topics and atoms."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.routes.knowledge_examples import EXTRACTION
from services.gateway.routes.knowledge_parameters import change_once, person
from services.gateway.routes.parameters import (
    EXAMPLE_RUN,
    Accepted,
    Cursor,
    IdempotencyKey,
    Limit,
    in_utc,
)
from shared.contracts.extraction import (
    CancelExtraction,
    ExtractionPage,
    ExtractionRecord,
    ExtractionStatus,
    GetExtraction,
    ListExtractions,
    StartExtraction,
)
from shared.contracts.ingestion import ListChats
from shared.contracts.knowledge import Id
from shared.messaging.queries import ask

_TIMEOUT = 60.0
_BIGINT = 2**63 - 1


class ExtractionsAccepted(Accepted, frozen=True, kw_only=True):
    """Extractions that have begun; `task_id`, `run_id` and `status_url` are the first one's.

    Attributes:
        items: All of them: each has at most 50 messages.
    """

    items: list[ExtractionRecord]


_EXAMPLE = ExtractionsAccepted(
    task_id=str(EXAMPLE_RUN),
    run_id=EXAMPLE_RUN,
    status_url=f"/api/v1/knowledge/extractions/{EXAMPLE_RUN}",
    items=[EXTRACTION],
)


class NewExtraction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to extract from; what is given narrows it down, and something has to be.

    Attributes:
        message_ids: These messages, at most 2000.
        chat_ids: These chats: any ids that they have or have had here.
        since: Messages sent at or after this time; UTC when it has no zone.
        until: Messages sent before this time; UTC when it has no zone.
        agent_id: By this agent; the active `knowledge_extractor` when left out.
        again: Also what was extracted before; identical input is answered from the cache.
    """

    message_ids: Annotated[list[Id], Meta(min_length=1, max_length=2000)] | None = None
    chat_ids: (
        Annotated[
            list[Annotated[int, Meta(ge=-_BIGINT, le=_BIGINT)]],
            Meta(min_length=1, max_length=100, examples=[[1]]),
        ]
        | None
    ) = None
    since: datetime | None = None
    until: datetime | None = None
    agent_id: UUID | None = None
    again: bool = False


@post(
    "/",
    status_code=202,
    summary="Extract by hand",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(202, ExtractionsAccepted, _EXAMPLE, "The extractions have begun"),
    },
)
async def start_extraction(
    request: Request[Any, Any, Any], data: JSONBody[NewExtraction], idempotency_key: IdempotencyKey = None
) -> Response[ExtractionsAccepted]:
    """Extract topics and atoms from messages, in the background, in batches of whole conversations.

    By itself this happens when enough new messages wait; this is for older ones, and for not waiting. 422
    when nothing of what is asked for can be extracted, 409 when there is no agent that could.
    """
    del idempotency_key
    chat_ids, by = await _chats_of(data.chat_ids), person(request)

    def query(run_id: UUID) -> StartExtraction:
        return StartExtraction(
            run_id=run_id,
            started_by=by,
            message_ids=data.message_ids,
            chat_ids=chat_ids,
            since=in_utc(data.since),
            until=in_utc(data.until),
            agent_id=data.agent_id,
            again=data.again,
        )

    return await change_once(
        request,
        query,
        status=202,
        location=lambda begun: f"/api/v1/knowledge/extractions/{begun[0].id}",
        shape=_accepted,
        timeout=_TIMEOUT,
    )


@get(
    "/",
    summary="List extractions",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, ExtractionPage, ExtractionPage(items=[EXTRACTION]), "Extractions, newest first"),
    },
)
async def list_extractions(
    status: FromQuery[ExtractionStatus | None] = None, cursor: Cursor = None, limit: Limit = 50
) -> ExtractionPage:
    """Extractions with what came of them and what they cost, newest first."""
    return await ask(ListExtractions(status=status, cursor=cursor, limit=limit))


@get(
    "/{extraction_id:uuid}",
    summary="Get an extraction",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ExtractionRecord, EXTRACTION, "The extraction")},
)
async def get_extraction(extraction_id: FromPath[UUID]) -> ExtractionRecord:
    """One extraction: how it stands, what came of it, what it cost.

    `GET /atoms?run_id=` has the atoms that it found.
    """
    return await ask(GetExtraction(extraction_id=extraction_id))


@post(
    "/{extraction_id:uuid}/cancel",
    status_code=200,
    summary="Cancel an extraction",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, ExtractionRecord, EXTRACTION, "The extraction, cancelled")},
)
async def cancel_extraction(
    request: Request[Any, Any, Any], extraction_id: FromPath[UUID], idempotency_key: IdempotencyKey = None
) -> Response[ExtractionRecord]:
    """Cancel an extraction before it saves; its messages wait again. 409 when it has ended."""
    del idempotency_key
    return await change_once(request, lambda _: CancelExtraction(extraction_id=extraction_id))


async def _chats_of(chat_ids: list[int] | None) -> list[int] | None:
    """All the ids that these chats have had; None for every chat."""
    if chat_ids is None:
        return None
    chats = await ask(ListChats())
    found: dict[int, None] = {}
    for chat_id in chat_ids:
        ids = next((chat.ids for chat in chats if chat_id in chat.ids), None)
        if ids is None:
            message = f"There is no chat {chat_id}."
            raise ProblemError(
                422, message, errors=[FieldProblem(field="chat_ids", message=message, source="body")]
            )
        found |= dict.fromkeys(ids)
    return list(found)


def _accepted(begun: list[ExtractionRecord]) -> ExtractionsAccepted:
    first = begun[0].id
    return ExtractionsAccepted(
        task_id=str(first),
        run_id=first,
        status_url=f"/api/v1/knowledge/extractions/{first}",
        items=begun,
    )


extractions_router = Router(
    "/knowledge/extractions",
    route_handlers=[start_extraction, list_extractions, get_extraction, cancel_extraction],
    tags=["knowledge"],
)
