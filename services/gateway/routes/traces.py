"""Where the trace of a chain is shown."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get
from litestar.params import FromPath

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.parameters import EXAMPLE_RUN

_HINT = (
    "This installation shows no traces. Let every service send them with TT_OTLP_ENDPOINT, for example to "
    "Jaeger at http://127.0.0.1:4318, and tell the gateway where people look at them with TT_JAEGER_URL, "
    "for example http://127.0.0.1:16686."
)


class TraceLink(msgspec.Struct, frozen=True, kw_only=True):
    """The trace of a chain.

    Attributes:
        run_id: The chain.
        trace_id: The same 128 bits as 32 hexadecimal digits, as tracing systems write them.
        url: Where it is shown; null when the gateway does not know.
        hint: What to do about that.
    """

    run_id: UUID
    trace_id: str
    url: str | None = None
    hint: str | None = None


_EXAMPLE = TraceLink(
    run_id=EXAMPLE_RUN, trace_id=EXAMPLE_RUN.hex, url=f"http://127.0.0.1:16686/trace/{EXAMPLE_RUN.hex}"
)


@get(
    "/{run_id:uuid}/trace",
    summary="Find a chain's trace",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, TraceLink, _EXAMPLE, "Where its trace is shown")},
    sync_to_thread=False,
)
def get_trace(request: Request[Any, Any, Any], run_id: FromPath[UUID]) -> TraceLink:
    """Where to see all that one chain did, service by service, from the request to the last write.

    `run_id` is that of any chain: a webhook's update, an import, an extraction, an analysis run, an
    experiment. The trace's id is the run_id itself, so nothing is looked up: a chain that never was, or that
    the tracing system no longer keeps, has a link too.
    """
    shown_at = request.app.state.settings.traces_url
    if shown_at is None:
        return TraceLink(run_id=run_id, trace_id=run_id.hex, hint=_HINT)
    return TraceLink(run_id=run_id, trace_id=run_id.hex, url=f"{shown_at}/trace/{run_id.hex}")


traces_router = Router("/runs", route_handlers=[get_trace], tags=["runs"])
