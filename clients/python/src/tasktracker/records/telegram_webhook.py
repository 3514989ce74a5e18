"""Records of telegram webhook."""

from datetime import datetime

from msgspec import field

from tasktracker.record import Record


class WebhookRecord(Record, frozen=True, kw_only=True):
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

    url: str | None = None
    is_ours: bool
    pending_update_count: int = 0
    last_error_at: datetime | None = None
    last_error_message: str | None = None
    max_connections: int | None = None
    allowed_updates: list[str] = field(default_factory=list)
    ip_address: str | None = None
