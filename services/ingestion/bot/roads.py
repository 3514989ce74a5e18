"""How a bot's updates come: by webhook, by polling, or not at all. Telegram allows one of the two."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from services.ingestion.bot.addresses import check_webhook_url
from services.ingestion.bot.answers import WebhookInfo
from services.ingestion.bot.calling import TELEGRAM, api_of, api_url, as_query_errors
from services.ingestion.repository.bots import BotRow, get_bot, set_road
from shared.contracts.errors import QueryError, unavailable
from shared.contracts.telegram import SetWebhook, WebhookRecord
from shared.llm.locks import LockedError, locks
from shared.messaging.transaction import transaction
from shared.sealing import unseal

_LOCK: Final = 0x7474_626F_7472_6F61
_PATIENCE = 10.0


async def set_webhook(query: SetWebhook) -> WebhookRecord:
    """Have Telegram send updates to an address; ends polling.

    Raises:
        QueryError: `invalid` for an address that Telegram cannot call, `conflict` without a bot that it
            knows, `unavailable` while it does not answer.
    """
    try:
        check_webhook_url(query.url, own_server=api_url().rstrip("/") != TELEGRAM)
    except ValueError as error:
        raise QueryError("invalid", str(error), field="url") from error
    async with _one_at_a_time() as bot:
        with as_query_errors(field="url"):
            secret = unseal(query.sealed_secret, what="The webhook's secret")
            async with api_of(bot) as api:
                await api.set_webhook(query.url, secret=secret, max_connections=query.max_connections)
                await _go_by(bot, polling=False, webhook_url=query.url)
                return _as_record(await api.get_webhook_info(), query.url)


async def look_at_webhook() -> WebhookRecord:
    """The webhook as Telegram knows it.

    Raises:
        QueryError: As `set_webhook`.
    """
    bot = await _present()
    with as_query_errors():
        async with api_of(bot) as api:
            return _as_record(await api.get_webhook_info(), bot.webhook_url)


async def delete_webhook() -> WebhookRecord:
    """Have Telegram send no more updates, whoever set the webhook.

    Raises:
        QueryError: As `set_webhook`.
    """
    async with _one_at_a_time() as bot:
        with as_query_errors():
            async with api_of(bot) as api:
                await api.delete_webhook()
                await _go_by(bot, polling=bot.polling, webhook_url=None)
                return _as_record(await api.get_webhook_info(), None)


async def set_polling(*, on: bool) -> BotRow:
    """Begin or end fetching updates; to begin deletes the webhook.

    Raises:
        QueryError: `conflict` without a bot; to begin, as `set_webhook`.
    """
    async with _one_at_a_time() as bot:
        if on:
            with as_query_errors():
                async with api_of(bot) as api:
                    await api.delete_webhook()
        await _go_by(bot, polling=on, webhook_url=None if on else bot.webhook_url)
        return await _present()


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[BotRow]:
    """The bot, whose road nobody else changes meanwhile: what is kept here and what Telegram does must agree.

    Raises:
        QueryError: `conflict` without a bot; `unavailable` while somebody else changes its road.
    """
    try:
        async with locks().hold(_LOCK, wait=_PATIENCE):
            yield await _present()
    except LockedError as error:
        raise unavailable("Somebody else is changing how updates come. Try again in a moment.") from error


async def _present() -> BotRow:
    async with transaction() as tx:
        return await get_bot(tx)


async def _go_by(bot: BotRow, *, polling: bool, webhook_url: str | None) -> None:
    async with transaction() as tx:
        await set_road(tx, bot, polling=polling, webhook_url=webhook_url)


def _as_record(info: WebhookInfo, ours: str | None) -> WebhookRecord:
    failed = info.last_error_date
    return WebhookRecord(
        url=info.url or None,
        is_ours=bool(info.url) and info.url == ours,
        pending_update_count=info.pending_update_count,
        last_error_at=None if failed is None else datetime.fromtimestamp(failed, UTC),
        last_error_message=info.last_error_message,
        max_connections=info.max_connections,
        allowed_updates=info.allowed_updates or [],
        ip_address=info.ip_address,
    )
