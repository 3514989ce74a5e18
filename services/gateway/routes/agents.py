"""Agents: who does a kind of work, with which provider, told what, within which bounds."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType
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
from services.gateway.routes.provider_examples import AGENT
from shared.contracts.analysis import (
    AgentKind,
    AgentRecord,
    CreateAgent,
    DeleteAgent,
    GetAgent,
    Language,
    ListAgents,
    ModelName,
    Name,
    UpdateAgent,
)
from shared.messaging.queries import ask
from shared.telemetry import start_run

Instructions = Annotated[str, Meta(max_length=10_000)]
Temperature = Annotated[float, Meta(ge=0, le=2)]
OutputTokens = Annotated[int, Meta(ge=64, le=128_000)]
RunTokens = Annotated[int, Meta(ge=1000, le=1_000_000_000)]
RunCost = Annotated[float, Meta(ge=0, le=1_000_000)]


class NewAgent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agent to make.

    Attributes:
        provider_id: Whose models it uses.
        model: The provider's when left out.
        instructions: Said beside the prompt, for example the team's glossary.
        language: Of the prompt, and of what is written.
        max_output_tokens: For one answer.
        max_tokens_per_run: Input and output of questions; a run that reaches it ends with what it has.
            Vectors are counted, not capped.
        max_cost_per_run: US dollars; the same.
        active: It takes the place of the kind's active agent.
    """

    name: Annotated[Name, Meta(examples=["Extractor"])]
    kind: AgentKind
    provider_id: UUID
    model: ModelName | None = None
    instructions: Instructions = ""
    language: Language = "uk"
    temperature: Temperature = 0.0
    max_output_tokens: OutputTokens = 4096
    max_tokens_per_run: RunTokens = 200_000
    max_cost_per_run: RunCost = 1.0
    active: bool = False


class AgentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and a null model is the provider's."""

    name: Name | UnsetType = UNSET
    provider_id: UUID | UnsetType = UNSET
    model: ModelName | UnsetType | None = UNSET
    instructions: Instructions | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    temperature: Temperature | UnsetType = UNSET
    max_output_tokens: OutputTokens | UnsetType = UNSET
    max_tokens_per_run: RunTokens | UnsetType = UNSET
    max_cost_per_run: RunCost | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class AgentItems(msgspec.Struct, frozen=True, kw_only=True):
    """All agents, by kind and name."""

    items: list[AgentRecord]
    next_cursor: str | None = None


@get(
    "/",
    summary="List agents",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, AgentItems, AgentItems(items=[AGENT]), "Agents, by kind and name"),
    },
)
async def list_agents() -> AgentItems:
    """All agents; at most one of each kind is active, and does the work."""
    return AgentItems(items=await ask(ListAgents()))


@post(
    "/",
    status_code=201,
    guards=[need_admin],
    summary="Add an agent",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, AgentRecord, AGENT, "The agent")},
)
async def add_agent(
    request: Request[Any, Any, Any], data: JSONBody[NewAgent], idempotency_key: IdempotencyKey = None
) -> Response[AgentRecord]:
    """Add an agent. An active one takes the place of the kind's active agent, which stays, inactive.

    Needs the scope `admin`.
    """
    del idempotency_key

    async def act(run_id: UUID) -> Answer:
        with start_run("POST /api/v1/agents", run_id, kind=SpanKind.SERVER):
            record = await ask(
                CreateAgent(agent_id=run_id, changed_by=person(request), **msgspec.structs.asdict(data))
            )
        return Answer(body=record, status=201, location=f"/api/v1/agents/{record.id}")

    return await answer_once(request, await request.body(), act)


@get(
    "/{agent_id:uuid}",
    summary="Get an agent",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, AgentRecord, AGENT, "The agent")},
)
async def get_agent(
    request: Request[Any, Any, Any], agent_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[AgentRecord]:
    """One agent."""
    del if_none_match
    return show(request, await ask(GetAgent(agent_id=agent_id)), by_time)


@patch(
    "/{agent_id:uuid}",
    guards=[need_admin],
    summary="Change an agent",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, AgentRecord, AGENT, "The agent as it is now")},
)
async def change_agent(
    request: Request[Any, Any, Any],
    agent_id: FromPath[UUID],
    data: JSONBody[AgentChange],
    if_match: IfMatch = None,
) -> Response[AgentRecord]:
    """Change what is given; `active: true` takes the place of the kind's active agent.

    With another `embedder` everything is embedded anew, beside what there is; then search changes over. Needs
    the scope `admin`.
    """
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    return await edit(
        request,
        GetAgent(agent_id=agent_id),
        by_time,
        lambda seen: UpdateAgent(agent_id=agent_id, changed_by=by, unchanged_since=time_seen(seen), **fields),
    )


@delete(
    "/{agent_id:uuid}",
    status_code=204,
    guards=[need_admin],
    summary="Delete an agent",
    operation_class=DescribedOperation,
    responses=answers(409),
)
async def delete_agent(
    request: Request[Any, Any, Any], agent_id: FromPath[UUID], if_match: IfMatch = None
) -> None:
    """Delete an agent; 409 while it is active. One that is gone already is no error. Needs `admin`."""
    del if_match
    by = person(request)
    await delete_seen(
        request,
        GetAgent(agent_id=agent_id),
        by_time,
        lambda seen: DeleteAgent(agent_id=agent_id, changed_by=by, unchanged_since=time_seen(seen)),
    )


agents_router = Router(
    "/agents",
    route_handlers=[list_agents, add_agent, get_agent, change_agent, delete_agent],
    tags=["agents"],
)
