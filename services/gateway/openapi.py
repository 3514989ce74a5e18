"""The API's own description: what stands on every operation, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Router
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

from services.gateway.access import SCOPE
from services.gateway.completing import complete
from services.gateway.problems import ABOUT_BLANK, CODES, MEDIA_TYPE, FieldProblem, Problem

_REFERENCE = (Path(__file__).parent / "page" / "reference.html").read_bytes()

BEARER = "api_key"
SECURITY: list[dict[str, list[str]]] = [{BEARER: []}]

_DESCRIPTION = """\
Team chat in; scored messages, reviewed knowledge and tasks out.

**Keys.** Everything but health, the webhook and this page needs an API key: `Authorization: Bearer <key>`.
Its scopes `read`, `write` and `admin` say what it may do; to read needs `read`, to change `write`, what
decides about keys, providers and connections `admin`, which is all. The page signs in with a key and has a
session instead: a cookie, and the header `X-CSRF-Token` on what changes something.

**Limits.** Each key, and each address that shows none, may send so many requests a minute; `RateLimit-Policy`
and `RateLimit` say how many, and how many are left. Beyond them, and after too many wrong keys, the answer is
429 with `Retry-After`.

**Errors** are `application/problem+json` (RFC 9457): `code` says which, `errors` names fields at fault.

**Lists** answer `items` and `next_cursor`; send it as `cursor` for the next page, until it is null.

**Long work** answers 202 with `task_id`, `run_id` and `status_url`. The run_id is also the id of its trace.

**Repeating a POST** is safe with an `Idempotency-Key` header of your own making: within 24 hours the same key
and body are answered with the first answer, and nothing is done twice.

**Nothing is overwritten unseen**: what can be edited is answered with an `ETag`. Send it as `If-Match` with a
PATCH or DELETE, and 412 says when somebody else was faster; as `If-None-Match` with a GET, and 304 says that
nothing is new.

**Live**: `GET /ws?topics=analysis,experiments` is a WebSocket with a frame for each event: `{"type", "data",
"seq", "epoch", "at", "run_id"}`; without topics it tells all that you may hear of: `messages`, `ingestion`,
`knowledge`, `embedding`, `analysis`, `experiments`, and with the scope `admin` `providers` and `tasks`. The
first frame, `hello`, says where you are. Come back with `&after=<epoch>:<seq>` of your last frame, and you
are told what you missed, once, then what is new; a frame `gap` says that some of it is not kept any more:
read again what you show. Of progress that waits for you only the newest of a run is kept. Send the key as
Bearer, a one-time ticket of `POST /api/v1/ws/tickets` as `?ticket=`, or, from a page of this installation,
its session's cookie. Close codes: 4400 (not understood), 4401 (nobody known), 4403 (not allowed), 1012
(restarts) and 1013 (read too slowly, or try later): come back. The protocol stands in docs/websocket.md,
clients in JavaScript and Python beside it.
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
    429: "More than 6000 requests a minute came from this key; go on in 12 s.",
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
_UPDATE = {
    "update_id": 731,
    "message": {
        "message_id": 912,
        "date": 1773308467,
        "chat": {"id": -1001234567890, "type": "supergroup", "title": "Backend"},
        "from": {"id": 77, "is_bot": False, "first_name": "Олена"},
        "text": "Вирішили: переносимо реліз на четвер",
    },
}
_ALWAYS = (401, 403, 422, 429, 500, 503)


@dataclass
class DescribedOperation(Operation):
    """An operation with what follows by rule, without Litestar's answer for invalid requests: ours is 422."""

    def __post_init__(self) -> None:
        """Take that answer out, and complete the others."""
        bad = (self.responses or {}).get("400")
        if bad is not None and MEDIA_TYPE not in (getattr(bad, "content", None) or {}):
            (self.responses or {}).pop("400")
        complete(self)


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
                # What stands in the file is looked at once it is imported.
                "application/json": OpenAPIMediaType(
                    schema=Schema(description="The file"), examples={"An export": Example(value=_EXPORT)}
                ),
                "application/octet-stream": OpenAPIMediaType(schema=file),
                "multipart/form-data": OpenAPIMediaType(schema=form),
            },
        )


@dataclass
class UpdateOperation(DescribedOperation):
    """An operation that takes what Telegram sends: nothing of it is refused, so nothing is demanded."""

    def __post_init__(self) -> None:
        """Describe the body."""
        super().__post_init__()
        media = OpenAPIMediaType(
            schema=Schema(description="An `Update` of Telegram's Bot API"),
            examples={"A message": Example(value=_UPDATE)},
        )
        self.request_body = RequestBody(required=False, content={"application/json": media})


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
        summary="Turns team chat into reviewed knowledge and tasks",
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        openapi_router=Router("/schema", route_handlers=[], opt={SCOPE: "public"}, include_in_schema=False),
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
            Tag(name="telegram", description="The bot, and how what people write comes here."),
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
            Tag(
                name="projects",
                description="What a team works on: its chats, words, parts, and what is urgent.",
            ),
            Tag(name="task configs", description="What a run is to produce, as a JSON Schema."),
            Tag(name="assignments", description="Which agent does a task config's runs."),
            Tag(name="runs", description="Analysis runs: a window of chat becomes proposals."),
            Tag(name="proposals", description="Tasks that runs propose, and what people decide about them."),
            Tag(name="experiments", description="How well a model sorts messages into topics, measured."),
            Tag(name="labels", description="Which topic messages are of, as people say."),
            Tag(name="search", description="Messages and atoms by meaning and by words."),
            Tag(name="embeddings", description="What has a vector, and vector spaces built anew."),
            Tag(name="usage", description="What language models cost."),
            Tag(
                name="tasks", description="Every background task: what there is, how one goes, starting one."
            ),
            Tag(name="keys", description="API keys: made, changed, rotated, revoked."),
            Tag(name="session", description="Signing in to the page, and who is signed in."),
            Tag(name="audit", description="Who changed what, and when."),
            Tag(name="live", description="One-time tickets for the WebSocket."),
            Tag(name="health", description="Is everything up?"),
            Tag(name="webhook", description="What Telegram calls."),
        ],
    )
