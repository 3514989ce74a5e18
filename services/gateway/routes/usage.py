"""What language models cost: by provider, model and task, and call by call."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.parameters import EXAMPLE_RUN, Cursor, Limit, in_utc
from services.gateway.routes.provider_examples import CALL, USAGE
from shared.contracts.analysis import GetLlmUsage, ListLlmCalls, LlmCallPage, UsageLine
from shared.messaging.queries import ask

Since = Annotated[
    datetime | None,
    QueryParameter(
        description="Only calls made at or after this time; UTC when it has no zone.",
        examples=[Example(value="2026-03-01T00:00:00Z")],
    ),
]
Until = Annotated[
    datetime | None,
    QueryParameter(
        description="Only calls made before this time; UTC when it has no zone.",
        examples=[Example(value="2026-04-01T00:00:00Z")],
    ),
]
RunFilter = Annotated[UUID | None, QueryParameter(description="Only calls of this run.")]
RunId = Annotated[
    UUID,
    QueryParameter(
        description="The run in which they were made.", examples=[Example(value=str(EXAMPLE_RUN))]
    ),
]


class UsageItems(msgspec.Struct, frozen=True, kw_only=True):
    """What calls came to by provider, model and task, dearest first; `cost` is the sum, in US dollars."""

    items: list[UsageLine]
    cost: float
    next_cursor: str | None = None


@get(
    "/usage",
    summary="Count what language models cost",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, UsageItems, UsageItems(items=[USAGE], cost=USAGE.cost), "By provider, model and task"),
    },
)
async def get_usage(since: Since = None, until: Until = None, run_id: RunFilter = None) -> UsageItems:
    """Calls, tokens and cost by provider, model and task. Calls are kept for 400 days, unless set otherwise.

    Costs are by the prices that the provider had when the call was made.
    """
    lines = await ask(GetLlmUsage(run_id=run_id, since=in_utc(since), until=in_utc(until)))
    return UsageItems(items=lines, cost=round(sum(line.cost for line in lines), 8))


@get(
    "/calls",
    summary="List the calls of a run",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, LlmCallPage, LlmCallPage(items=[CALL]), "Calls, in the order in which they were made"),
    },
)
async def list_calls(run_id: RunId, cursor: Cursor = None, limit: Limit = 50) -> LlmCallPage:
    """Each call that a run made, with its tokens, cost and time, and why it failed if it did."""
    return await ask(ListLlmCalls(run_id=run_id, cursor=cursor, limit=limit))


usage_router = Router("/llm", route_handlers=[get_usage, list_calls], tags=["usage"])
