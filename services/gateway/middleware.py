"""What stands around every request: time, counts, and headers that browsers obey."""

import time
from typing import Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from loguru import logger

from services.gateway.metrics import REQUESTS
from services.gateway.problems import ProblemError

_ONLY_OURS: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The description's viewer is somebody else's script and comes from where Litestar points it.
_WITH_VIEWER: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net; "
    "style-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net; img-src 'self' data: https:; "
    "font-src 'self' data: https:; connect-src 'self'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_COMMON: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_PAGE: Final = [*_COMMON, (b"content-security-policy", _ONLY_OURS.encode())]
_VIEWER: Final = [*_COMMON, (b"content-security-policy", _WITH_VIEWER.encode())]
_API: Final = [*_PAGE, (b"cache-control", b"no-store")]
_WITH_BODY: Final = {"POST", "PUT", "PATCH"}
OWN_BODY: Final = "takes_other_than_json"
"""Set in a route's `opt`: it reads its body by itself."""


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Add them to every answer, errors included."""
    if message["type"] != "http.response.start":
        return
    path = scope["path"]
    if path.startswith("/schema"):
        extra = _VIEWER
    elif path == "/" or path.startswith("/assets/"):
        extra = _PAGE
    else:
        extra = _API
    message["headers"] = [*message.get("headers", ()), *extra]


def measure(app: ASGIApp) -> ASGIApp:
    """Count and time each HTTP request by its route; a line in the log at debug only."""

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - began
            route = str(scope.get("path_template", "?"))
            REQUESTS.labels(scope["method"], route, status).observe(seconds)
            logger.debug("{} {} {} {:.1f} ms", scope["method"], scope["path"], status, seconds * 1000)

    return measured


def only_json(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Refuse bodies of another type than JSON, where the route does not read its body by itself.

    Raises:
        ProblemError: 415.
    """
    if connection.scope.get("method") not in _WITH_BODY or handler.opt.get(OWN_BODY):
        return
    headers = connection.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(415, f"Send application/json, not {media_type}.")
