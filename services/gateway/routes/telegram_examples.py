"""The bot's records that stand as examples in the API's description."""

from datetime import UTC, datetime

from shared.contracts.telegram import BotRecord, PollingRecord, WebhookRecord

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)

BOT = BotRecord(
    telegram_id=7012345678,
    username="team_chat_bot",
    name="Чат команди",
    can_join_groups=True,
    can_read_all_group_messages=False,
    updates="polling",
    hints=["Privacy mode is on: in groups the bot sees commands, replies to it and little else."],
    last_update_at=_AT,
    set_by="dashboard",
    set_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
)
WEBHOOK = WebhookRecord(
    url="https://tt.example.org/webhook/telegram",
    is_ours=True,
    pending_update_count=3,
    last_error_at=_AT,
    last_error_message="Connection refused",
    max_connections=40,
    allowed_updates=["message", "edited_message", "channel_post", "edited_channel_post"],
    ip_address="203.0.113.7",
)
NO_WEBHOOK = WebhookRecord(url=None, is_ours=False)
POLLING = PollingRecord(on=True, last_update_at=_AT)
NO_POLLING = PollingRecord(on=False, last_update_at=_AT)
