"""The API's own description: what stands on every operation, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import (
    Components,
    Example,
    License,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)

from services.gateway.problems import ABOUT_BLANK, CODES, MEDIA_TYPE, FieldProblem, Problem

_REFERENCE = (Path(__file__).parent / "page" / "reference.html").read_bytes()

BEARER = "api_key"
SECURITY: list[dict[str, list[str]]] = [{BEARER: []}]

_DESCRIPTION = """\
Team chat in, scored messages out.

**Keys.** Everything but health, the webhook and this page needs an API key: `Authorization: Bearer <key>`.

**Errors** are `application/problem+json` (RFC 9457): `code` says which, `errors` names fields at fault.

**Lists** answer `items` and `next_cursor`; send it as `cursor` for the next page, until it is null.

**Long work** answers 202 with `task_id`, `run_id` and `status_url`. The run_id is also the id of its trace.

**Repeating a POST** is safe with an `Idempotency-Key` header of your own making: within 24 hours the same key
and body are answered with the first answer, and nothing is done twice.

**Live**: `GET /ws?topics=messages,ingestion` is a WebSocket with a frame for each event:
`{"type", "data", "seq", "epoch", "at", "run_id"}`. Send the key as Bearer or, from a browser, a ticket of
`POST /api/v1/ws/tickets` as `?ticket=`. It is closed with 4401 (no key), 4400 (unknown topic) or 1013 (read
too slowly: connect again).
"""

_DETAILS = {
    400: "The body is not JSON.",
    401: "There is no such API key.",
    403: "The API key 'dashboard' lacks the scope 'write'.",
    404: "There is no message 7.",
    409: "The job has ended already.",
    413: "The request is too large.",
    415: "Send application/json.",
    422: "The request is not valid.",
    500: "Something went wrong on our side. The log has the details under this error_id.",
    503: "The service ingestion is not running.",
    507: "There is no room left for the upload on the gateway's disk.",
}
_EXAMPLES = {
    422: Problem(
        type=ABOUT_BLANK,
        title="",
        status=422,
        detail="",
        code=CODES[422],
        errors=[FieldProblem(field="limit", message="Expected `int` <= 200", source="query")],
    ),
    500: Problem(
        type=ABOUT_BLANK,
        title="",
        status=500,
        detail="",
        code=CODES[500],
        error_id="0b1f6b2c8d3f4c55a3a9c1d2e3f40516",
    ),
}
_EXPORT = {"name": "Backend", "type": "private_supergroup", "id": 1234567890, "messages": []}
_ALWAYS = (401, 403, 422, 500, 503)


@dataclass
class DescribedOperation(Operation):
    """An operation without the answer that Litestar adds for invalid requests: ours is 422."""

    def __post_init__(self) -> None:
        """Take that answer out."""
        bad = (self.responses or {}).get("400")
        if bad is not None and MEDIA_TYPE not in (getattr(bad, "content", None) or {}):
            (self.responses or {}).pop("400")


@dataclass
class UploadOperation(DescribedOperation):
    """An operation that takes a file: its body is read by the handler, so Litestar cannot see it."""

    def __post_init__(self) -> None:
        """Describe the body."""
        super().__post_init__()
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="The file")
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = RequestBody(
            required=True,
            description="The `result.json` of a Telegram Desktop export",
            content={
                "application/json": OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, example=_EXPORT)),
                "application/octet-stream": OpenAPIMediaType(schema=file),
                "multipart/form-data": OpenAPIMediaType(schema=form),
            },
        )


class ReferencePage(OpenAPIRenderPlugin):
    """The description for people: a page of our own, which loads nothing from elsewhere."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - its script asks for the description
        """The page."""
        return _REFERENCE


def answers(*statuses: int, always: tuple[int, ...] = _ALWAYS) -> dict[int, ResponseSpec]:
    """The problems that an operation may answer with, each with an example.

    Args:
        *statuses: Those of its own.
        always: Those of every operation that needs a key.
    """
    return {status: _problem(status) for status in sorted({*statuses, *always})}


def shown(status: int, kind: Any, example: Any, description: str) -> Mapping[int, ResponseSpec]:
    """A good answer with an example."""
    return {
        status: ResponseSpec(
            kind,
            generate_examples=False,
            description=description,
            examples=[Example(summary=description, value=msgspec.to_builtins(example))],
        )
    }


def _problem(status: int) -> ResponseSpec:
    title = HTTPStatus(status).phrase
    example = msgspec.structs.replace(
        _EXAMPLES.get(
            status, Problem(type=ABOUT_BLANK, title=title, status=status, detail="", code=CODES[status])
        ),
        title=title,
        detail=_DETAILS[status],
        instance="/api/v1/…",
    )
    return ResponseSpec(
        Problem,
        generate_examples=False,
        description=title,
        media_type=MEDIA_TYPE,
        examples=[Example(summary=title, value=msgspec.to_builtins(example))],
    )


def openapi_config() -> OpenAPIConfig:
    """How the description is made and where it is shown: `/schema`, and `/schema/openapi.json` by itself."""
    return OpenAPIConfig(
        title="Task Tracker",
        version="1",
        summary="Turns team chat into scored messages",
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path="/schema",
        render_plugins=[ReferencePage(path="/"), JsonRenderPlugin(), YamlRenderPlugin()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                BEARER: SecurityScheme(
                    type="http", scheme="bearer", description="An API key of this installation"
                )
            }
        ),
        tags=[
            Tag(name="messages", description="Saved messages with their scores, and corrections of them."),
            Tag(name="ingestion", description="Imports of Telegram Desktop exports."),
            Tag(name="scoring", description="Scoring runs and statistics."),
            Tag(
                name="providers",
                description="Providers of language models: OpenAI and its like, Ollama, `local`.",
            ),
            Tag(name="agents", description="Who does a kind of work, with which provider."),
            Tag(name="topics", description="What the team talks about."),
            Tag(name="atoms", description="What was learned, with the words that prove it, and its links."),
            Tag(
                name="versions", description="Changes field by field, drafts to decide about, merges to undo."
            ),
            Tag(name="automation rules", description="What is approved without a person."),
            Tag(name="knowledge", description="Extractions from messages, counts, and who changed what."),
            Tag(name="search", description="Messages and atoms by meaning and by words."),
            Tag(name="embeddings", description="What has a vector, and vector spaces built anew."),
            Tag(name="usage", description="What language models cost."),
            Tag(
                name="tasks", description="Every background task: what there is, how one goes, starting one."
            ),
            Tag(name="live", description="Tickets for the WebSocket."),
            Tag(name="health", description="Is everything up?"),
            Tag(name="webhook", description="What Telegram calls."),
        ],
    )
