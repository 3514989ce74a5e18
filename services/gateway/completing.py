"""What stands on every operation of the API's description by rule: answers, bounds and examples."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from litestar.openapi.spec import (
    Example,
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Schema,
)

from services.gateway.bounds import whole_bounds
from services.gateway.problems import CODES, MEDIA_TYPE
from services.gateway.routes.parameters import EXAMPLE_RUN

_PATTERN_OF_ANSWERS: Final = "422"
_EXAMPLES: Final[Mapping[str, Any]] = {
    "cursor": "WyIyMDI2LTAzLTEyVDA5OjQxOjA3WiIsNDcxMV0",
    "idempotency-key": "6a7f1c1e-2b8d-4a40-9c0e-3f1d5b6a7c80",
    "if-match": '"7"',
    "if-none-match": '"7.0f3a9c2b41de"',
    "limit": 50,
    "q": "перенесення релізу",
    "search": "реліз четвер",
    "task_id": str(EXAMPLE_RUN),
    "kind": "photo",
    "name": "Backend",
    "min_score": 0.7,
    "min_confidence": 0.5,
    "queue": "knowledge",
    "actor": "extract_knowledge_from_messages_task",
    "reason": "failed",
    "exception": "APITimeoutError",
    "text": "timed out",
    "route": "/api/v1/rules/{rule_id}",
}
_BY_TYPE: Final[Mapping[OpenAPIType, Any]] = {
    OpenAPIType.INTEGER: 1,
    OpenAPIType.NUMBER: 0.5,
    OpenAPIType.BOOLEAN: True,
}
_BY_FORMAT: Final[Mapping[str, Any]] = {
    "uuid": str(EXAMPLE_RUN),
    "date-time": "2026-03-12T09:41:07Z",
    "date": "2026-03-12",
}
_SECONDS: Final = Schema(
    type=OpenAPIType.NUMBER, minimum=-62135596800, maximum=253402300799, description="Seconds since 1970"
)
_ETAG: Final = OpenAPIHeader(
    name="",
    param_in="header",
    schema=Schema(type=OpenAPIType.STRING, pattern=r'^"[^"]+"$'),
    required=True,
    description="Which state this is, for `If-Match` and `If-None-Match`",
)
_OF_PATHS: Final = {404: "There is nothing with this id."}
_OF_BODIES: Final = {
    400: "The body is not JSON.",
    413: "The request is too large.",
    415: "Send application/json, not text/plain.",
}
_OF_CONDITIONS: Final = {412: "'Backend' has version 8 now, and the change was made on 7. Look at it again."}


def complete(operation: Operation) -> None:
    """Add to an operation what follows from its parameters and its body.

    An address with an id may lead nowhere (404); a body may be no JSON (400), too large (413) or of another
    type (415); who says on which version a change was made may be late (412).
    """
    parameters = [found for found in operation.parameters or [] if isinstance(found, Parameter)]
    for parameter in parameters:
        if isinstance(parameter.schema, Schema):
            whole_bounds(parameter.schema)
            _take_seconds(parameter)
            _no_null(parameter)
            parameter.examples = parameter.examples or _examples_of(parameter)
    if any(parameter.param_in == "path" for parameter in parameters):
        _add_problems(operation, _OF_PATHS)
    if operation.request_body is not None:
        _add_problems(operation, _OF_BODIES)
    empty = (operation.responses or {}).get("204")
    if isinstance(empty, OpenAPIResponse):
        empty.content = None
    names = {parameter.name.lower() for parameter in parameters}
    if "if-match" in names:
        _add_problems(operation, _OF_CONDITIONS)
    if names & {"if-match", "if-none-match"}:
        _add_etags(operation, unmodified="if-none-match" in names)


def _take_seconds(parameter: Parameter) -> None:
    """Say that a time in a query may be a number, too, as it may: seconds since 1970."""
    schema = parameter.schema
    if parameter.param_in != "query" or not isinstance(schema, Schema):
        return
    if schema.format == OpenAPIFormat.DATE_TIME:
        schema.one_of = [Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)]
        schema.type = schema.format = None
    choices = [each for each in schema.one_of or () if isinstance(each, Schema)]
    if any(each.format == OpenAPIFormat.DATE_TIME for each in choices):
        schema.one_of = [*choices, _SECONDS]


def _no_null(parameter: Parameter) -> None:
    """Say of a header that may be left out what it is otherwise: there is no null in a header."""
    schema = parameter.schema
    if parameter.param_in != "header" or not isinstance(schema, Schema):
        return
    choices = [each for each in schema.one_of or () if getattr(each, "type", None) != OpenAPIType.NULL]
    if len(choices) == 1 and isinstance(choices[0], Schema):
        schema.type, schema.one_of = choices[0].type, None


def _examples_of(parameter: Parameter) -> dict[str, Example] | None:
    assert isinstance(parameter.schema, Schema)  # noqa: S101 - the caller looked
    value = _EXAMPLES.get(parameter.name.lower(), _any_of(parameter.schema))
    return None if value is None else {parameter.name: Example(value=value)}


def _any_of(schema: Schema) -> Any:
    """A value that a schema allows; None where only a person could think of one."""
    if schema.default is not None:
        return schema.default
    if schema.enum:
        return next((value for value in schema.enum if value is not None), None)
    if schema.format is not None and str(getattr(schema.format, "value", schema.format)) in _BY_FORMAT:
        return _BY_FORMAT[str(getattr(schema.format, "value", schema.format))]
    if isinstance(schema.items, Schema):
        value = _any_of(schema.items)
        return None if value is None else [value]
    for each in schema.one_of or schema.any_of or ():
        value = _any_of(each) if isinstance(each, Schema) else None
        if value is not None:
            return value
    return _BY_TYPE.get(schema.type) if isinstance(schema.type, OpenAPIType) else None


def _add_problems(operation: Operation, details: Mapping[int, str]) -> None:
    """Add answers as those that are there already are, where a status has none yet."""
    responses = operation.responses or {}
    pattern = responses.get(_PATTERN_OF_ANSWERS)
    if not isinstance(pattern, OpenAPIResponse) or not pattern.content:
        return
    media = pattern.content[MEDIA_TYPE]
    for status, detail in details.items():
        if str(status) not in responses:
            responses[str(status)] = _problem_like(media, status, detail)
    operation.responses = dict(sorted(responses.items()))


def _add_etags(operation: Operation, *, unmodified: bool) -> None:
    """Add the tag to good answers that have a body, and the answer that has none because nothing changed."""
    responses = dict(operation.responses or {})
    if unmodified:
        responses["304"] = OpenAPIResponse(description="What you have is still what there is")
    for status, response in responses.items():
        if status in {"200", "304"} and isinstance(response, OpenAPIResponse):
            response.headers = {**(response.headers or {}), "ETag": _ETAG}
    operation.responses = dict(sorted(responses.items()))


def _problem_like(media: OpenAPIMediaType, status: int, detail: str) -> OpenAPIResponse:
    title = HTTPStatus(status).phrase
    value = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": CODES[status],
        "instance": "/api/v1/…",
    }
    content = replace(copy(media), examples={title: Example(summary=title, value=value)})
    return OpenAPIResponse(description=title, content={MEDIA_TYPE: content})
