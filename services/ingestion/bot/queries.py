"""What ingestion answers about the bot."""

from services.ingestion.bot import roads
from services.ingestion.bot.connecting import connect_bot, disconnect_bot
from services.ingestion.bot.hints import hints_of, road_of
from services.ingestion.repository.avatars import picture_of
from services.ingestion.repository.bots import BotRow, find_bot, get_bot
from shared.contracts.errors import not_found
from shared.contracts.telegram import (
    AvatarRecord,
    BotRecord,
    DeleteBot,
    DeleteWebhook,
    GetAvatar,
    GetBot,
    GetPolling,
    GetWebhook,
    PollingRecord,
    SetBot,
    SetPolling,
    SetWebhook,
    WebhookRecord,
)
from shared.messaging.transaction import transaction


async def set_bot(query: SetBot) -> BotRecord:
    """Connect a bot."""
    return _as_record(await connect_bot(query))


async def show_bot(_query: GetBot) -> BotRecord:
    """The bot that is connected."""
    async with transaction() as tx:
        bot = await find_bot(tx)
    if bot is None:
        raise not_found("bot: none is connected")
    return _as_record(bot)


async def forget_bot(_query: DeleteBot) -> None:
    """Let the bot go."""
    await disconnect_bot()


async def set_webhook(query: SetWebhook) -> WebhookRecord:
    """Have updates sent."""
    return await roads.set_webhook(query)


async def show_webhook(_query: GetWebhook) -> WebhookRecord:
    """The webhook as Telegram knows it."""
    return await roads.look_at_webhook()


async def forget_webhook(_query: DeleteWebhook) -> WebhookRecord:
    """Have no more updates sent."""
    return await roads.delete_webhook()


async def set_polling(query: SetPolling) -> PollingRecord:
    """Begin or end fetching updates."""
    return _as_polling(await roads.set_polling(on=query.on))


async def show_polling(_query: GetPolling) -> PollingRecord:
    """Whether updates are fetched, and how that goes."""
    async with transaction() as tx:
        return _as_polling(await get_bot(tx))


async def find_avatar(query: GetAvatar) -> AvatarRecord:
    """The picture that is kept of a user."""
    async with transaction() as tx:
        picture = await picture_of(tx, query.user_id)
    if picture is None:
        raise not_found(f"picture of user {query.user_id}")
    return AvatarRecord(
        user_id=query.user_id,
        object_name=picture.object_name,
        content_type=picture.content_type,
        size=picture.size,
        fetched_at=picture.fetched_at,
    )


def _as_record(bot: BotRow) -> BotRecord:
    return BotRecord(
        telegram_id=bot.telegram_id,
        username=bot.username,
        name=bot.name,
        can_join_groups=bot.can_join_groups,
        can_read_all_group_messages=bot.can_read_all_group_messages,
        updates=road_of(bot),
        hints=hints_of(bot),
        webhook_url=bot.webhook_url,
        last_update_at=bot.last_update_at,
        last_error=bot.last_error,
        last_error_at=bot.last_error_at,
        set_by=bot.set_by,
        set_at=bot.set_at,
    )


def _as_polling(bot: BotRow) -> PollingRecord:
    return PollingRecord(
        on=bot.polling,
        last_update_at=bot.last_update_at,
        last_error=bot.last_error,
        last_error_at=bot.last_error_at,
    )
