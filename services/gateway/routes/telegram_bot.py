"""The bot: whose it is, and how what people write comes here."""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Request, Router, delete, get, put
from litestar.params import JSONBody
from msgspec import Meta
from opentelemetry.trace import SpanKind

from services.gateway.access import SCOPE
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import ProblemError
from services.gateway.routes.knowledge_parameters import person
from services.gateway.routes.telegram_examples import BOT, NO_POLLING, NO_WEBHOOK, POLLING, WEBHOOK
from services.gateway.sealing import seal_secret
from services.gateway.settings import GatewaySettings
from shared.contracts.base import Query
from shared.contracts.telegram import (
    BotRecord,
    DeleteBot,
    DeleteWebhook,
    GetBot,
    GetPolling,
    GetWebhook,
    PollingRecord,
    SetBot,
    SetPolling,
    SetWebhook,
    WebhookRecord,
)
from shared.messaging.queries import ask
from shared.telemetry import start_run

_SECONDS: Final = 40.0
"""For an answer: ingestion asks Telegram up to three times."""

_PATH: Final = "/webhook/telegram"

Answer = TypeVar("Answer")


class BotToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bot's token.

    Attributes:
        token: As BotFather gave it; it is kept encrypted, and never shown.
    """

    token: Annotated[
        str, Meta(min_length=1, max_length=300, examples=["123456789:AAE-the-token-of-your-bot"])
    ]


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where Telegram is to send updates.

    Attributes:
        url: A public https address, on port 443, 80, 88 or 8443; `TT_PUBLIC_URL` with `/webhook/telegram`
            when absent.
        max_connections: As many updates Telegram may send at the same time.
    """

    url: Annotated[str, Meta(min_length=1, max_length=2048)] | None = None
    max_connections: Annotated[int, Meta(ge=1, le=100)] = 40


@get(
    "/bot",
    summary="Get the bot",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, BotRecord, BOT, "The bot")},
)
async def get_bot() -> BotRecord:
    """The bot that is connected, how its updates come, and in `hints` what keeps it from seeing messages.

    404 while none is. Telegram is not asked. Needs the scope `admin`.
    """
    return await ask(GetBot())


@put(
    "/bot",
    summary="Connect a bot",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(200, BotRecord, BOT, "The bot, as Telegram knows it")},
)
async def set_bot(request: Request[Any, Any, Any], data: JSONBody[BotToken]) -> BotRecord:
    """Connect a bot by its token, in place of the one that was; Telegram is asked whose it is.

    The same bot with a new token goes on as before. 422 when Telegram does not know the token, 503 while it
    does not answer. Needs the scope `admin`.
    """
    sealed = seal_secret(data.token, field="token")
    return await _tell(request, SetBot(sealed_token=sealed, set_by=person(request)))


@delete(
    "/bot",
    status_code=204,
    summary="Disconnect the bot",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_bot(request: Request[Any, Any, Any]) -> None:
    """Forget the bot and its token; its webhook is deleted first, if Telegram answers. Messages stay.

    That there is none is no error. Needs the scope `admin`.
    """
    await _tell(request, DeleteBot())


@get(
    "/webhook",
    summary="Get the webhook",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(200, WebhookRecord, WEBHOOK, "The webhook, as Telegram knows it")},
)
async def get_webhook() -> WebhookRecord:
    """What Telegram knows of the webhook: how many updates wait, and what went wrong with it last.

    409 while no bot is connected, 503 while Telegram does not answer. Needs the scope `admin`.
    """
    return await ask(GetWebhook(), timeout=_SECONDS)


@put(
    "/webhook",
    summary="Set the webhook",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(200, WebhookRecord, WEBHOOK, "The webhook that is set")},
)
async def set_webhook(request: Request[Any, Any, Any], data: JSONBody[NewWebhook]) -> WebhookRecord:
    """Have Telegram send updates here; ends polling. Send `{}` for the installation's own address.

    409 while no bot is connected or `TT_WEBHOOK_SECRET` is not set, 422 for an address that Telegram cannot
    call. Needs the scope `admin`.
    """
    settings: GatewaySettings = request.app.state.settings
    if settings.webhook_secret is None:
        raise ProblemError(409, "The webhook is closed: set TT_WEBHOOK_SECRET, and start the gateway again.")
    query = SetWebhook(
        url=data.url or settings.page_url + _PATH,
        sealed_secret=seal_secret(settings.webhook_secret, field="body"),
        max_connections=data.max_connections,
    )
    return await _tell(request, query)


@delete(
    "/webhook",
    status_code=200,
    summary="Delete the webhook",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(200, WebhookRecord, NO_WEBHOOK, "No webhook is set")},
)
async def delete_webhook(request: Request[Any, Any, Any]) -> WebhookRecord:
    """Have Telegram send no more updates; it keeps them for 24 hours, for whichever way comes next.

    409 while no bot is connected. Needs the scope `admin`.
    """
    return await _tell(request, DeleteWebhook())


@get(
    "/polling",
    summary="Get polling",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(200, PollingRecord, POLLING, "Whether updates are fetched")},
)
async def get_polling() -> PollingRecord:
    """Whether this installation fetches updates, when one came last, and what goes wrong at present.

    409 while no bot is connected. Needs the scope `admin`.
    """
    return await ask(GetPolling())


@put(
    "/polling",
    summary="Begin polling",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(200, PollingRecord, POLLING, "Updates are fetched")},
)
async def begin_polling(request: Request[Any, Any, Any]) -> PollingRecord:
    """Fetch updates from Telegram, as a machine without a public address does; deletes the webhook.

    409 while no bot is connected, 503 while Telegram does not answer. Needs the scope `admin`.
    """
    return await _tell(request, SetPolling(on=True))


@delete(
    "/polling",
    status_code=200,
    summary="End polling",
    operation_class=DescribedOperation,
    responses={**answers(409), **shown(200, PollingRecord, NO_POLLING, "Updates are not fetched")},
)
async def end_polling(request: Request[Any, Any, Any]) -> PollingRecord:
    """Fetch no more updates; Telegram keeps them for 24 hours.

    409 while no bot is connected. Needs the scope `admin`.
    """
    return await _tell(request, SetPolling(on=False))


async def _tell(request: Request[Any, Any, Any], query: Query[Answer]) -> Answer:
    """Have something changed, as a chain of its own; harmless to repeat."""
    with start_run(f"{request.method} {request.scope['path_template']}", kind=SpanKind.SERVER):
        return await ask(query, timeout=_SECONDS)


telegram_bot_router = Router(
    "/telegram",
    route_handlers=[
        get_bot,
        set_bot,
        delete_bot,
        get_webhook,
        set_webhook,
        delete_webhook,
        get_polling,
        begin_polling,
        end_polling,
    ],
    opt={SCOPE: "admin"},
    tags=["telegram"],
)
