"""What others may know of the bot: itself, how its updates come, and the pictures of people it fetches.

Tokens and secrets travel sealed: see `shared.sealing`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Query

Road = Literal["webhook", "polling", "none"]
Sealed = Annotated[str, Meta(min_length=1, max_length=4096)]
Person = Annotated[str, Meta(max_length=200)]
UserId = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class BotRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The installation's bot.

    Attributes:
        telegram_id: Telegram's id of the bot.
        username: Its name in Telegram, without `@`.
        name: Its title.
        can_join_groups: Whether it may be added to groups; a switch of BotFather.
        can_read_all_group_messages: Whether privacy mode is off, when the bot was last set.
        updates: How what people write comes here; `none` means that nothing does.
        hints: What stands in the way of seeing messages, and what to do; for a person.
        webhook_url: Where Telegram was told to send updates; None for the other roads.
        last_update_at: When an update came last, to within ten seconds.
        last_error: What goes wrong with polling at present, and what to do.
        last_error_at: When it went wrong last.
        set_by: Whose key set it.
        set_at: When its token was set.
    """

    telegram_id: int
    username: str
    name: str
    can_join_groups: bool
    can_read_all_group_messages: bool
    updates: Road
    hints: list[str]
    webhook_url: str | None = None
    last_update_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    set_by: str
    set_at: datetime


class WebhookRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The bot's webhook, as Telegram knows it at this moment.

    Attributes:
        url: Where Telegram sends updates; None when none is set.
        is_ours: Whether this installation set that address; another one takes the updates away from here.
        pending_update_count: Updates that wait to be sent; Telegram keeps each for 24 hours.
        last_error_at: When sending failed last.
        last_error_message: How, in Telegram's words.
        max_connections: As many updates Telegram sends at the same time.
        allowed_updates: The kinds that it sends.
        ip_address: Where Telegram found the address to be.
    """

    url: str | None
    is_ours: bool
    pending_update_count: int = 0
    last_error_at: datetime | None = None
    last_error_message: str | None = None
    max_connections: int | None = None
    allowed_updates: list[str] = []
    ip_address: str | None = None


class PollingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Whether updates are fetched, and how that goes.

    Attributes:
        on: Whether they are.
        last_update_at: When an update came last.
        last_error: What goes wrong at present, and what to do.
        last_error_at: When it went wrong last.
    """

    on: bool
    last_update_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


class AvatarRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is kept; its bytes lie in the object store `avatars`.

    Attributes:
        user_id: Whose.
        object_name: Its name in the store; another picture has another name.
        content_type: `image/jpeg`, `image/png` or `image/webp`.
        size: Bytes.
        fetched_at: When it was fetched.
    """

    user_id: int
    object_name: str
    content_type: str
    size: int
    fetched_at: datetime


# Commands


class FetchAvatar(Command, actor="fetch_avatar_task", queue="ingestion"):
    """Fetch a user's picture from Telegram. Idempotent: a second run keeps the same picture again."""

    user_id: UserId


class ResealBotToken(Command, actor="reseal_bot_token_task", queue="ingestion"):
    """Seal the bot's token with the newest encryption key. Idempotent: it is the same token afterwards."""


# Queries


class SetBot(Query[BotRecord], subject="ingestion.set_bot"):
    """Connect a bot, in place of the one that was; `invalid` when Telegram does not know the token.

    The same bot with a new token goes on as before. Another bot begins without webhook and polling, and the
    webhook of the earlier one is deleted.

    Attributes:
        sealed_token: As BotFather gave it, sealed.
        set_by: In whose name.
    """

    sealed_token: Sealed
    set_by: Person


class GetBot(Query[BotRecord], subject="ingestion.get_bot"):
    """The bot; `not_found` while there is none. Telegram is not asked."""


class DeleteBot(Query[None], subject="ingestion.delete_bot"):
    """Forget the bot and its token; its webhook is deleted first, if Telegram answers. None is no error."""


class SetWebhook(Query[WebhookRecord], subject="ingestion.set_webhook"):
    """Have Telegram send updates to an address, and end polling. `conflict` while there is no bot.

    Attributes:
        url: Where the gateway's webhook is reached from outside.
        sealed_secret: What Telegram is to send in `X-Telegram-Bot-Api-Secret-Token`, sealed.
        max_connections: As many updates at the same time.
    """

    url: Annotated[str, Meta(max_length=2048)]
    sealed_secret: Sealed
    max_connections: Annotated[int, Meta(ge=1, le=100)] = 40


class GetWebhook(Query[WebhookRecord], subject="ingestion.get_webhook"):
    """The webhook as Telegram knows it. `conflict` while there is no bot."""


class DeleteWebhook(Query[WebhookRecord], subject="ingestion.delete_webhook"):
    """Have Telegram send no more updates; it keeps them for 24 hours. `conflict` while there is no bot."""


class SetPolling(Query[PollingRecord], subject="ingestion.set_polling"):
    """Begin or end fetching updates. To begin deletes the webhook, as Telegram allows only one of the two."""

    on: bool


class GetPolling(Query[PollingRecord], subject="ingestion.get_polling"):
    """Whether updates are fetched. `conflict` while there is no bot."""


class GetAvatar(Query[AvatarRecord], subject="ingestion.get_avatar"):
    """The picture of a user; `not_found` when none is kept."""

    user_id: UserId
