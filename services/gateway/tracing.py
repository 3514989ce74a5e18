"""Each request begins a chain: its span, with route and status, and the run_id of all that follows.

A caller's own `traceparent` is not gone on with: the trace's id is the run_id, which is ours to give.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4

from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from shared.telemetry import request_run

CHAIN: Final = "chain"
"""Set in a route's `opt`: the parameter of its path that is the run_id of the chain that it goes on with."""

_UNTOLD: Final = ("/health", "/metrics", "/assets", "/schema")
_ACCEPTED: Final = 202
_SERVER_ERROR: Final = 500


def trace_requests(app: ASGIApp) -> ASGIApp:
    """Have each request begin a chain; not those of probes and of the page's own files."""

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        route = str(scope.get("path_template", scope["path"]))
        if scope["type"] != ScopeType.HTTP or route == "/" or route.startswith(_UNTOLD):
            await app(scope, receive, send)
            return
        lasting = _begins_work(scope.get("route_handler"))
        with request_run(
            f"{scope['method']} {route}", _run_id(scope), _attributes(scope, route), lasting=lasting
        ) as span:

            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _note_status(span, message["status"])
                await send(message)

            await app(scope, receive, watch)

    return traced


def _run_id(scope: Scope) -> UUID:
    """The chain that a route goes on with, where it says so; else a new one."""
    named = getattr(scope.get("route_handler"), "opt", {}).get(CHAIN)
    given = scope.get("path_params", {}).get(named) if named else None
    return given if isinstance(given, UUID) else uuid4()


def _begins_work(handler: object) -> bool:
    """Whether long work begins, which somebody will follow: that is what 202 says."""
    return isinstance(handler, HTTPRouteHandler) and handler.status_code == _ACCEPTED


def _attributes(scope: HTTPScope, route: str) -> Mapping[str, AttributeValue]:
    """By the conventions for HTTP servers; without the query, in which people write what they search for."""
    return {
        "http.request.method": scope["method"],
        "http.route": route,
        "url.path": scope["path"],
        "url.scheme": scope["scheme"],
    }


def _note_status(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= _SERVER_ERROR:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR, f"answered with {status}"))
