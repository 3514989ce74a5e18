"""Embeddings: what has a vector, having the rest embedded, and building a vector space anew."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta
from opentelemetry.trace import SpanKind

from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.embedding_examples import COVERAGE, REINDEX, SPACE
from services.gateway.routes.knowledge_parameters import change_once
from services.gateway.routes.parameters import EXAMPLE_RUN, Accepted, IdempotencyKey
from shared.contracts.embedding import (
    Coverage,
    GetCoverage,
    GetReindex,
    ItemKind,
    ReindexRecord,
    SpaceRecord,
    StartEmbedding,
    StartReindex,
)
from shared.contracts.knowledge import Id
from shared.messaging.queries import ask
from shared.telemetry import start_run

_TASK = Accepted(task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/tasks/{EXAMPLE_RUN}")
_BUILDING = Accepted(
    task_id=str(EXAMPLE_RUN), run_id=EXAMPLE_RUN, status_url=f"/api/v1/embeddings/reindex/{EXAMPLE_RUN}"
)


class SpaceItems(msgspec.Struct, frozen=True, kw_only=True):
    """Every vector space, the active one first."""

    items: list[SpaceRecord]
    next_cursor: str | None = None


class ToEmbed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to embed.

    Attributes:
        ids: Only these, at most 10,000; all that have no vector when left out.
        provider_id: Into the space of this provider; the active one, and any that is being built, when left
            out.
    """

    ids: Annotated[list[Id], Meta(min_length=1, max_length=10_000)] | None = None
    provider_id: UUID | None = None


async def _embed(request: Request[Any, Any, Any], kind: ItemKind, wanted: ToEmbed) -> Response[Any]:
    async def begin(run_id: UUID) -> Answer:
        with start_run(f"POST /api/v1/embeddings/{kind}s", run_id, kind=SpanKind.SERVER):
            await ask(
                StartEmbedding(run_id=run_id, kind=kind, ids=wanted.ids, provider_id=wanted.provider_id)
            )
        location = f"/api/v1/tasks/{run_id}"
        return Answer(
            body=Accepted(task_id=str(run_id), run_id=run_id, status_url=location),
            status=202,
            location=location,
        )

    return await answer_once(request, await request.body(), begin)


@post(
    "/messages",
    status_code=202,
    summary="Embed messages",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(202, Accepted, _TASK, "The task was enqueued")},
)
async def embed_messages(
    request: Request[Any, Any, Any], data: JSONBody[ToEmbed], idempotency_key: IdempotencyKey = None
) -> Response[Any]:
    """Make vectors for messages that have none, in the background; what failed before is tried again.

    It happens by itself for every scored message that is not noise; this is for not waiting. The task's
    result is `{success, failed, skipped}`.
    """
    del idempotency_key
    return await _embed(request, "message", data)


@post(
    "/atoms",
    status_code=202,
    summary="Embed atoms",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(202, Accepted, _TASK, "The task was enqueued")},
)
async def embed_atoms(
    request: Request[Any, Any, Any], data: JSONBody[ToEmbed], idempotency_key: IdempotencyKey = None
) -> Response[Any]:
    """Make vectors for atoms that have none; as for messages."""
    del idempotency_key
    return await _embed(request, "atom", data)


@get(
    "/coverage",
    summary="See what is embedded",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, Coverage, COVERAGE, "What is embedded, what is not, and why not")},
)
async def get_coverage() -> Coverage:
    """How many messages, atoms and topics have a vector, every vector space, and the latest failures."""
    return await ask(GetCoverage())


@get(
    "/spaces",
    summary="List vector spaces",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, SpaceItems, SpaceItems(items=[SPACE]), "The active one first")},
)
async def list_spaces() -> SpaceItems:
    """Vector spaces: one a provider, model and dimension. A new one fills beside the active one."""
    return SpaceItems(items=(await ask(GetCoverage())).spaces)


@post(
    "/reindex",
    status_code=202,
    summary="Build the vector space anew",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(202, Accepted, _BUILDING, "The building has begun")},
)
async def start_reindex(
    request: Request[Any, Any, Any], idempotency_key: IdempotencyKey = None
) -> Response[Any]:
    """Embed everything anew into a space beside the active one, which takes over when it is complete.

    Searches go on in the old one. 409 while a space is being filled already.
    """
    del idempotency_key

    def shape(reindex: ReindexRecord) -> Accepted:
        location = f"/api/v1/embeddings/reindex/{reindex.run_id}"
        return Accepted(task_id=str(reindex.run_id), run_id=reindex.run_id, status_url=location)

    return await change_once(
        request,
        lambda run_id: StartReindex(run_id=run_id),
        status=202,
        location=lambda reindex: shape(reindex).status_url,
        shape=shape,
    )


@get(
    "/reindex/{run_id:uuid}",
    summary="See how a reindex stands",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ReindexRecord, REINDEX, "The reindex")},
)
async def get_reindex(run_id: FromPath[UUID]) -> ReindexRecord:
    """Whether it runs, and what of the space is filled; live over `/ws?topics=embedding`."""
    return await ask(GetReindex(run_id=run_id))


embeddings_router = Router(
    "/embeddings",
    route_handlers=[embed_messages, embed_atoms, get_coverage, list_spaces, start_reindex, get_reindex],
    tags=["embeddings"],
)
