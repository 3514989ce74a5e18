"""Every error as RFC 9457 problem+json: what happened, to which item, what to do; never a stack trace."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from loguru import logger

from services.gateway.choices import choices_of
from shared.contracts.errors import ErrorCode, QueryError

MEDIA_TYPE = "application/problem+json"
ABOUT_BLANK = "about:blank"

STATUS_OF: Mapping[ErrorCode, int] = {
    "not_found": 404,
    "conflict": 409,
    "invalid": 422,
    "unavailable": 503,
    "forbidden": 403,
}
"""The status that answers each typed failure of a query."""

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal",
    503: "unavailable",
    507: "no_space",
}
"""The kind of error that each status stands for, for programs."""

_FIELD = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_NAMED = re.compile(r"(?:required|unknown) field `([^`]+)`")
_MISSING = re.compile(r"Missing required (\w+) parameter '([^']+)'")
_BODY = "data"
_NOT_OF_THE_SET = "Invalid enum value"
_SERVER_ERROR = 500
_GONE = "client disconnected prematurely"
"""What Litestar says when a client goes before its body has arrived."""
_TOO_DEEP = "while deserializing"
"""In what msgspec says when JSON has more levels than it reads."""
_BEYOND_TIME = re.compile(r"year -?\d+ is out of range")
"""What msgspec says when a number of seconds, as a time in a query may be given, is of no year."""


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field at fault.

    Attributes:
        field: Its name; a dotted path inside a body, for example `arguments.message_id`.
        message: What is wrong with it.
        source: Where it stands: `query`, `path`, `header`, `cookie` or `body`.
    """

    field: str
    message: str
    source: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error by RFC 9457.

    Attributes:
        type: Always `about:blank`: the status and `code` say what kind it is.
        title: The status in words.
        status: The HTTP status.
        detail: What happened, to which item, and what to do.
        code: The kind of error, for programs.
        instance: The path that was asked for.
        errors: The fields at fault, when there are any.
        error_id: For an error on our side: what to look for in the log.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    errors: list[FieldProblem] = []
    error_id: str | None = None


class ProblemError(HTTPException):
    """An error that a handler answers with on purpose."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[FieldProblem] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail=detail, status_code=status, headers=headers)
        self.errors = errors or []


def field_at_fault(error: msgspec.ValidationError, prefix: str = "") -> FieldProblem:
    """The field that msgspec complains about, with its complaint.

    Args:
        error: As `msgspec.convert` or a decoder raised it.
        prefix: Path of what was validated inside the body, for example `arguments`.
    """
    text = str(error)
    found = _FIELD.search(text)
    inner = found.group(1) if found else ""
    message = text[: found.start()] if found else text
    path = ".".join(part for part in (prefix, inner.replace("[...]", ""), _named_in(message)) if part)
    return FieldProblem(field=path or "body", message=message, source="body")


def problem_response(  # noqa: PLR0913 - the members of RFC 9457
    request: Request[Any, Any, Any],
    status: int,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
    error_id: str | None = None,
) -> Response[Problem]:
    """A problem+json answer."""
    return Response(
        Problem(
            type=ABOUT_BLANK,
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=CODES.get(status, "error"),
            instance=request.scope["path"],
            errors=errors or [],
            error_id=error_id,
        ),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def on_query_error(request: Request[Any, Any, Any], error: QueryError) -> Response[Problem]:
    """A service refused, or did not answer in time."""
    headers = {"Retry-After": str(error.body.retry_after or 2)} if error.code == "unavailable" else {}
    errors = [FieldProblem(field=error.body.field, message=error.body.message)] if error.body.field else []
    return problem_response(
        request, STATUS_OF[error.code], error.body.message, errors=errors, headers=headers
    )


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """An error that we or Litestar raised on purpose: routes, methods, sizes, validation."""
    if error.status_code == _SERVER_ERROR and error.detail == _GONE:
        # Nobody is there to read it.
        return problem_response(request, 400, "The body did not arrive.")
    if error.status_code == _SERVER_ERROR:
        return on_exception(request, error)
    if isinstance(error, ProblemError):
        return problem_response(
            request, error.status_code, error.detail, errors=error.errors, headers=error.headers
        )
    if isinstance(error, ValidationException):
        return problem_response(
            request,
            422,
            "The request is not valid.",
            errors=_field_problems(request, error.extra) or _missing_parameter(error.detail),
        )
    return problem_response(request, error.status_code, _detail_of(request, error), headers=error.headers)


def on_exception(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A defect, whose trace the log has under the answer's id; or JSON that is too deep, or no time."""
    if isinstance(error, RecursionError) and _TOO_DEEP in str(error):
        return problem_response(request, 400, "The body is nested too deeply.")
    if isinstance(error, ValueError) and _BEYOND_TIME.fullmatch(str(error)):
        return problem_response(request, 422, f"A time is none that there is: {error}.")
    error_id = uuid4().hex
    logger.opt(exception=error).bind(error_id=error_id).error(
        "{} {} failed, error {}", request.method, request.scope["path"], error_id
    )
    return problem_response(
        request,
        _SERVER_ERROR,
        "Something went wrong on our side. The log has the details under this error_id.",
        error_id=error_id,
    )


def _detail_of(request: Request[Any, Any, Any], error: HTTPException) -> str:
    """What an error says; of a wrong address more than its status."""
    if isinstance(error, NotFoundException):
        return f"There is nothing at {request.scope['path']}. /schema lists what there is."
    if isinstance(error, MethodNotAllowedException):
        return f"{request.method} is not answered at {request.scope['path']}. /schema lists what is."
    return error.detail


def _field_problems(request: Request[Any, Any, Any], extra: Any) -> list[FieldProblem]:
    """The fields at fault, from what Litestar attaches to its validation errors."""
    return [
        FieldProblem(
            field=_public_name(request, str(item.get("key", _BODY)), str(item.get("message", ""))),
            message=_complaint(request, str(item.get("key", _BODY)), str(item.get("message", "Not valid."))),
            source=str(getattr(item["source"], "value", item["source"])) if "source" in item else None,
        )
        for item in (extra if isinstance(extra, list) else [])
        if isinstance(item, Mapping)
    ]


def _complaint(request: Request[Any, Any, Any], key: str, message: str) -> str:
    """What is wrong with a field; of a value out of a fixed set also which there are."""
    if not message.startswith(_NOT_OF_THE_SET):
        return message
    parameters = request.route_handler.parsed_fn_signature.parameters
    argument, path = (key, "") if key in parameters else (_BODY, key)
    choices = choices_of(parameters[argument].annotation, path) if argument in parameters else []
    return f"{message}; it is one of {', '.join(choices)}" if choices else message


def _missing_parameter(detail: str) -> list[FieldProblem]:
    """The parameter that Litestar misses; of it, it tells in words alone."""
    missing = _MISSING.search(detail)
    if missing is None:
        return []
    return [FieldProblem(field=missing[2], message="It is required.", source=missing[1])]


def _named_in(message: str) -> str:
    """The field that a complaint about a whole object names: one that is missing or unknown; else empty."""
    named = _NAMED.search(message)
    return named.group(1) if named else ""


def _public_name(request: Request[Any, Any, Any], argument: str, message: str) -> str:
    """The name of a field as a client knows it: Litestar reports the name of the function's argument."""
    if argument == _BODY:
        return _named_in(message) or "body"
    parameter = request.route_handler.parsed_fn_signature.parameters.get(argument)
    declared = getattr(parameter, "kwarg_definition", None)
    return getattr(declared, "name", None) or argument
