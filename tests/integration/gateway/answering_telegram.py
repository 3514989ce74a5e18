"""A bot that answers the real queries from memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from shared.contracts.errors import QueryError, not_found
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
from shared.messaging.queries import Handler

_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
_BOT = BotRecord(
    telegram_id=7012345678,
    username="team_chat_bot",
    name="Чат команди",
    can_join_groups=True,
    can_read_all_group_messages=True,
    updates="none",
    hints=["Updates do not come here yet."],
    set_by="",
    set_at=_AT,
)


@dataclass
class Bot:
    """What the answers are made of."""

    bot: BotRecord | None = None
    webhook: WebhookRecord = field(default_factory=lambda: WebhookRecord(url=None, is_ours=False))
    avatars: dict[int, AvatarRecord] = field(default_factory=dict)
    refusal: QueryError | None = None

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc]  # as it was at first

    def handlers(self) -> dict[type, Handler]:
        return {
            SetBot: self.set_bot,
            GetBot: self.get_bot,
            DeleteBot: self.delete_bot,
            SetWebhook: self.set_webhook,
            GetWebhook: self.get_webhook,
            DeleteWebhook: self.delete_webhook,
            SetPolling: self.set_polling,
            GetPolling: self.get_polling,
            GetAvatar: self.get_avatar,
        }

    async def set_bot(self, query: SetBot) -> BotRecord:
        if self.refusal is not None:
            raise self.refusal
        self.bot = msgspec.structs.replace(_BOT, set_by=query.set_by)
        return self.bot

    async def get_bot(self, _: GetBot) -> BotRecord:
        if self.bot is None:
            raise not_found("bot: none is connected")
        return self.bot

    async def delete_bot(self, _: DeleteBot) -> None:
        self.bot = None

    async def set_webhook(self, query: SetWebhook) -> WebhookRecord:
        self._present()
        self.webhook = WebhookRecord(url=query.url, is_ours=True, max_connections=query.max_connections)
        return self.webhook

    async def get_webhook(self, _: GetWebhook) -> WebhookRecord:
        self._present()
        return self.webhook

    async def delete_webhook(self, _: DeleteWebhook) -> WebhookRecord:
        self._present()
        self.webhook = WebhookRecord(url=None, is_ours=False)
        return self.webhook

    async def set_polling(self, query: SetPolling) -> PollingRecord:
        self.bot = msgspec.structs.replace(self._present(), updates="polling" if query.on else "none")
        return PollingRecord(on=query.on)

    async def get_polling(self, _: GetPolling) -> PollingRecord:
        return PollingRecord(on=self._present().updates == "polling")

    async def get_avatar(self, query: GetAvatar) -> AvatarRecord:
        if query.user_id not in self.avatars:
            raise not_found(f"picture of user {query.user_id}")
        return self.avatars[query.user_id]

    def _present(self) -> BotRecord:
        if self.bot is None:
            raise QueryError("conflict", "No bot is connected: set one with PUT /api/v1/telegram/bot first.")
        return self.bot
