"""What stands around every request: time, counts, and headers that browsers obey."""

import time
from typing import Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from loguru import logger

from services.gateway.access import READING
from services.gateway.audit import ENTRY
from services.gateway.door import ALLOWANCE
from services.gateway.limits import Allowance
from services.gateway.metrics import REQUESTS
from services.gateway.problems import ProblemError
from shared.telemetry import noting_runs
from shared.telemetry.exemplars import current_exemplar

_ONLY_OURS: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_COMMON: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_PAGE: Final = [*_COMMON, (b"content-security-policy", _ONLY_OURS.encode())]
_HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
_CACHE: Final = b"cache-control"
_NOT_KEPT: Final = (_CACHE, b"no-store")
_WITH_BODY: Final = {"POST", "PUT", "PATCH"}
OWN_BODY: Final = "takes_other_than_json"
"""Set in a route's `opt`: it reads its body by itself."""


async def add_security_headers(message: Message, scope: Scope) -> None:
    """Add them to every answer, errors included; and what is left of the limit of requests."""
    if message["type"] != "http.response.start":
        return
    path = scope["path"]
    is_page = path == "/" or path.startswith(("/assets/", "/schema"))
    allowance: Allowance | None = scope["state"].get(ALLOWANCE)
    given = list(message.get("headers", ()))
    says_how_long = is_page or any(name.lower() == _CACHE for name, _ in given)
    message["headers"] = [
        *given,
        *_PAGE,
        *([] if says_how_long else [_NOT_KEPT]),
        *([_HTTPS_ONLY] if scope["litestar_app"].state.door.secure else []),
        *(allowance.headers if allowance is not None else []),
    ]


def audit(app: ASGIApp) -> ASGIApp:
    """Add to an entry of the audit log, which the guard began, how its request was answered."""

    async def audited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] in READING:
            await app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with noting_runs() as begun:
            try:
                await app(scope, receive, watch)
            finally:
                entry = scope["state"].get(ENTRY)
                # Without an answer nobody knows how it ended, and the entry stays open.
                if entry is not None and status:
                    scope["litestar_app"].state.audit_log.end(entry, status, begun[0] if begun else None)

    return audited


def measure(app: ASGIApp) -> ASGIApp:
    """Count and time each HTTP request by its route; a line in the log at debug only."""

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        status, exemplar = 0, None
        began = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status, exemplar
            if message["type"] == "http.response.start":
                # The request's span may have ended when all is sent.
                status, exemplar = message["status"], current_exemplar()
            await send(message)

        try:
            await app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - began
            route = str(scope.get("path_template", "?"))
            REQUESTS.labels(scope["method"], route, status).observe(seconds, exemplar)
            logger.debug("{} {} {} {:.1f} ms", scope["method"], scope["path"], status, seconds * 1000)

    return measured


def only_json(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Refuse compressed bodies, and those of another type than JSON where the route does not read its own.

    Nothing is unpacked: a kilobyte could be a gigabyte.

    Raises:
        ProblemError: 415.
    """
    headers = connection.headers
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise ProblemError(415, "Send the body as it is: Content-Encoding is not taken.")
    if connection.scope.get("method") not in _WITH_BODY or handler.opt.get(OWN_BODY):
        return
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(415, f"Send application/json, not {media_type}.")
