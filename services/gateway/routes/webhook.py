"""What Telegram calls: one update in, one command out, and the answer only once it is kept."""

import hmac
import json
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, post
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter
from loguru import logger
from opentelemetry.trace import SpanKind

from services.gateway.access import SCOPE
from services.gateway.metrics import WEBHOOK_UPDATES
from services.gateway.openapi import UpdateOperation, answers
from services.gateway.problems import ProblemError
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import SaveTelegramMessage
from shared.messaging.commands import publish_command
from shared.telemetry import start_run

LARGEST_BODY: Final = 1 << 20
"""Bytes. Telegram's updates are a few KiB; what is larger is acknowledged and thrown away."""

_LARGEST_DRAINED: Final = 32 << 20

Secret = Annotated[
    str | None,
    HeaderParameter(
        name="X-Telegram-Bot-Api-Secret-Token",
        description="The webhook's secret, as `setWebhook` was told it.",
        examples=[Example(value="the-webhooks-secret")],
    ),
]


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The update is done with, as far as Telegram is concerned.

    Attributes:
        ok: Always true.
        ignored: Why it was thrown away; absent when it was kept.
    """

    ok: bool
    ignored: str | None = None


class UnreadableUpdate(ValueError):  # noqa: N818 - what it is, in Telegram's word
    """A body that is no update; the text says why."""


@post(
    "/webhook/telegram",
    status_code=200,
    tags=["webhook"],
    summary="Take a Telegram update",
    security=[{}],
    opt={SCOPE: "itself"},
    operation_class=UpdateOperation,
    responses=answers(always=(401, 500, 503)),
    request_max_body_size=None,
)
async def receive_update(request: Request[Any, Any, Any], secret: Secret = None) -> Acknowledged:
    """Take one update of a bot's webhook; the secret token goes in `X-Telegram-Bot-Api-Secret-Token`.

    Answered with 200 once the update is kept. What cannot be read is answered with 200 as well, and counted:
    Telegram would send it again for ever and hold back the good ones behind it. 503 means: send it again.
    """
    check_secret(secret, request.app.state.settings.webhook_secret)
    try:
        update = read_update(await _read_body(request))
    except UnreadableUpdate as error:
        return _throw_away(str(error), request)
    with start_run("POST /webhook/telegram", kind=SpanKind.SERVER):
        try:
            await publish_command(SaveTelegramMessage(update=update))
        except QueryError:
            WEBHOOK_UPDATES.labels("unavailable").inc()
            raise
        except (ValueError, OverflowError) as error:
            # It will never fit, however often it is sent.
            return _throw_away(f"too_large: {error}", request)
    WEBHOOK_UPDATES.labels("accepted").inc()
    return Acknowledged(ok=True)


def check_secret(given: str | None, expected: str | None) -> None:
    """Compare the secret token in constant time.

    Raises:
        ProblemError: 503 while no secret is set, 401 when it is another one.
    """
    if expected is None:
        WEBHOOK_UPDATES.labels("closed").inc()
        raise ProblemError(
            503, "The webhook is closed: set TT_WEBHOOK_SECRET, and give it to Telegram's setWebhook."
        )
    if not hmac.compare_digest((given or "").encode(), expected.encode()):
        WEBHOOK_UPDATES.labels("refused").inc()
        raise ProblemError(401, "X-Telegram-Bot-Api-Secret-Token is not the webhook's secret.")


def read_update(body: bytes) -> dict[str, Any]:
    """The update in a body: a JSON object with an integer `update_id`; nothing else is looked at.

    Raises:
        UnreadableUpdate: When it is anything else.
    """
    try:
        update = _decode(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableUpdate("not_json") from error
    if not isinstance(update, dict):
        raise UnreadableUpdate("not_an_object")
    update_id = update.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        raise UnreadableUpdate("no_update_id")
    return update


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # Half a surrogate pair, from a name cut off in the middle of an emoji, is refused by msgspec alone.
        if b"\\u" not in body:
            raise
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole)


async def _read_body(request: Request[Any, Any, Any]) -> bytes:
    """The body; a larger one is read to its end, so that the client hears the answer, but not kept."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST_BODY:
            chunks.append(chunk)
        else:
            chunks.clear()
        if size > _LARGEST_DRAINED:
            break
    if size > LARGEST_BODY:
        raise UnreadableUpdate("too_large")
    return b"".join(chunks)


def _throw_away(reason: str, request: Request[Any, Any, Any]) -> Acknowledged:
    outcome = reason.partition(":")[0]
    WEBHOOK_UPDATES.labels(outcome).inc()
    logger.warning(
        "a webhook update of {} bytes was thrown away: {}", request.headers.get("content-length", "?"), reason
    )
    return Acknowledged(ok=True, ignored=outcome)
