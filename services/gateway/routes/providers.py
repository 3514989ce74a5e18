"""Providers of language models: made, changed and deleted."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from opentelemetry.trace import SpanKind

from services.gateway.etags import (
    IfMatch,
    IfNoneMatch,
    by_time,
    delete_seen,
    edit,
    show,
    time_seen,
)
from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.admins import need_admin
from services.gateway.routes.knowledge_parameters import person
from services.gateway.routes.parameters import IdempotencyKey
from services.gateway.routes.provider_bodies import NewProvider, ProviderChange, ProviderItems
from services.gateway.routes.provider_examples import PROVIDER
from services.gateway.sealing import seal_api_key
from shared.contracts.analysis import (
    CreateProvider,
    DeleteProvider,
    GetProvider,
    ListProviders,
    ProviderRecord,
    UpdateProvider,
)
from shared.messaging.queries import ask
from shared.telemetry import start_run


@get(
    "/",
    summary="List providers",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, ProviderItems, ProviderItems(items=[PROVIDER]), "Providers, by name"),
    },
)
async def list_providers() -> ProviderItems:
    """All providers of language models; `basic_mode` says that one works by rules, without a model."""
    return ProviderItems(items=await ask(ListProviders()))


@post(
    "/",
    status_code=201,
    guards=[need_admin],
    summary="Add a provider",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(201, ProviderRecord, PROVIDER, "The provider, not tried yet"),
    },
)
async def add_provider(
    request: Request[Any, Any, Any], data: JSONBody[NewProvider], idempotency_key: IdempotencyKey = None
) -> Response[ProviderRecord]:
    """Add OpenAI, any server that speaks its language, or Ollama. It is tried out in the background.

    How that goes: `validation_status`, the task with the provider's id, or the WebSocket topic `providers`.
    With `activate` the named agents use it as soon as it is connected. Needs the scope `admin`.
    """
    del idempotency_key
    sealed = None if data.api_key is None else seal_api_key(data.api_key)
    fields = {name: getattr(data, name) for name in data.__struct_fields__ if name != "api_key"}

    async def act(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/providers", run_id, kind=SpanKind.SERVER):
            query = CreateProvider(
                provider_id=run_id, sealed_key=sealed, changed_by=person(request), **fields
            )
            record = await ask(query)
        return Answer(body=record, status=201, location=f"/api/v1/providers/{record.id}")

    return await answer_once(request, await request.body(), act)


@get(
    "/{provider_id:uuid}",
    summary="Get a provider",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, ProviderRecord, PROVIDER, "The provider")},
)
async def get_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[ProviderRecord]:
    """One provider, with how its last validation went and, if it failed, what to do."""
    del if_none_match
    return show(request, await ask(GetProvider(provider_id=provider_id)), by_time)


@patch(
    "/{provider_id:uuid}",
    guards=[need_admin],
    summary="Change a provider",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, ProviderRecord, PROVIDER, "The provider as it is now"),
    },
)
async def change_provider(
    request: Request[Any, Any, Any],
    provider_id: FromPath[UUID],
    data: JSONBody[ProviderChange],
    if_match: IfMatch = None,
) -> Response[ProviderRecord]:
    """Change what is given; what is left out stays. It is tried out again when what is called changed.

    A new address on another server needs the key again. Needs the scope `admin`.
    """
    del if_match
    sealed = seal_api_key(data.api_key) if isinstance(data.api_key, str) else data.api_key
    fields = {name: getattr(data, name) for name in data.__struct_fields__ if name != "api_key"}
    by = person(request)
    return await edit(
        request,
        GetProvider(provider_id=provider_id),
        by_time,
        lambda seen: UpdateProvider(
            provider_id=provider_id,
            sealed_key=sealed,
            changed_by=by,
            unchanged_since=time_seen(seen),
            **fields,
        ),
    )


@delete(
    "/{provider_id:uuid}",
    status_code=204,
    guards=[need_admin],
    summary="Delete a provider",
    operation_class=DescribedOperation,
    responses=answers(409),
)
async def delete_provider(
    request: Request[Any, Any, Any], provider_id: FromPath[UUID], if_match: IfMatch = None
) -> None:
    """Delete a provider that no agent uses, and its key with it; what its calls cost stays in the accounts.

    One that is gone already is no error. Needs the scope `admin`.
    """
    del if_match
    by = person(request)
    await delete_seen(
        request,
        GetProvider(provider_id=provider_id),
        by_time,
        lambda seen: DeleteProvider(provider_id=provider_id, changed_by=by, unchanged_since=time_seen(seen)),
    )


providers_router = Router(
    "/providers",
    route_handlers=[
        list_providers,
        add_provider,
        get_provider,
        change_provider,
        delete_provider,
    ],
    tags=["providers"],
)
