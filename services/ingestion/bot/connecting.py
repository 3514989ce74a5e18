"""Connecting a bot, and letting it go."""

from loguru import logger

from services.ingestion.bot.api import TOKEN, open_api
from services.ingestion.bot.calling import WHAT, api_of, api_url, as_query_errors
from services.ingestion.bot.errors import BotApiError, UnknownTokenError
from services.ingestion.repository.bots import (
    BotIdentity,
    BotRow,
    delete_bot,
    find_bot,
    keep_resealed_token,
    put_bot,
)
from shared.contracts.errors import QueryError
from shared.contracts.telegram import SetBot
from shared.messaging.transaction import transaction
from shared.sealing import SealedKeyError, reseal, unseal


async def connect_bot(query: SetBot) -> BotRow:
    """Ask Telegram whose token it is, and keep it in place of the earlier one.

    Raises:
        QueryError: `invalid` for a token that Telegram does not know, `conflict` when it cannot be opened
            here, `unavailable` while Telegram does not answer.
    """
    identity = await _identify(query.sealed_token)
    async with transaction() as tx:
        earlier = await find_bot(tx)
    if earlier is not None and earlier.telegram_id != identity.telegram_id:
        await _delete_webhook(earlier)
    async with transaction() as tx:
        await put_bot(tx, identity, query.set_by)
        bot = await find_bot(tx)
    if bot is None:
        raise QueryError("conflict", "The bot was deleted in the moment in which it was set.")
    logger.info("the bot @{} is connected", bot.username)
    return bot


async def disconnect_bot() -> None:
    """Forget the bot; its webhook goes first, if Telegram answers."""
    async with transaction() as tx:
        bot = await find_bot(tx)
    if bot is None:
        return
    await _delete_webhook(bot)
    async with transaction() as tx:
        await delete_bot(tx, bot.telegram_id)
    logger.info("the bot @{} is no longer connected", bot.username)


async def reseal_token() -> str:
    """Seal the bot's token with the newest encryption key; returns what became of it, for a person."""
    async with transaction() as tx:
        bot = await find_bot(tx)
        if bot is None:
            return "no bot"
        try:
            resealed = reseal(bot.sealed_token, what=WHAT)
        except SealedKeyError as error:
            logger.warning("{}", error)
            return "lost"
        await keep_resealed_token(tx, bot.sealed_token, resealed)
    return "resealed"


async def _identify(sealed_token: str) -> BotIdentity:
    with as_query_errors(field="token"):
        token = unseal(sealed_token, what=WHAT).strip()
        if not TOKEN.fullmatch(token):
            raise QueryError("invalid", "A token reads like 123456789:AAE... : copy it whole.", field="token")
        async with open_api(api_url(), token) as api:
            try:
                me = await api.get_me()
            except UnknownTokenError as error:
                raise QueryError("invalid", str(error), field="token") from error
    return BotIdentity(
        telegram_id=me.id,
        username=me.username,
        name=me.first_name,
        can_join_groups=me.can_join_groups,
        can_read_all_group_messages=me.can_read_all_group_messages,
        sealed_token=sealed_token,
    )


async def _delete_webhook(bot: BotRow) -> None:
    """Delete the webhook of a bot that is given up, as far as that can be done."""
    if bot.webhook_url is None:
        return
    try:
        async with api_of(bot) as api:
            await api.delete_webhook()
    except (BotApiError, SealedKeyError) as error:
        logger.warning("the webhook of @{} may still be set: {}", bot.username, error)
