"""The settings of ingestion."""

from typing import Annotated

from msgspec import Meta

from shared.service import ServiceSettings

_ADDRESS = r"^https?://[^/?#@\s]+(/[^?#\s]*)?$"


class IngestionSettings(ServiceSettings, frozen=True, kw_only=True):
    """What ingestion is told beside what every service is.

    Attributes:
        import_batch: Messages that an import saves in one transaction.
        encryption_keys: Fernet keys that open the bot's token and the account's session, the newest first,
            separated by commas; the same as the gateway's. Without them neither can be set.
        telegram_api_url: The Bot API's server: Telegram's own, or one that you run.
        telegram_api_id: Of https://my.telegram.org, to import history; with `telegram_api_hash`, or neither.
        telegram_api_hash: The secret that belongs to it.
        telegram_patience: Seconds that a history job waits for Telegram when it cannot be reached.
    """

    import_batch: Annotated[int, Meta(ge=1, le=500)] = 500
    encryption_keys: str = ""
    telegram_api_url: Annotated[str, Meta(pattern=_ADDRESS)] = "https://api.telegram.org"
    telegram_api_id: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    telegram_api_hash: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?$")] = ""
    telegram_patience: Annotated[float, Meta(ge=0, le=7 * 86400)] = 3600.0

    def __post_init__(self) -> None:
        """Refuse one half of Telegram's credentials.

        Raises:
            ValueError: When the other is missing.
        """
        if (self.telegram_api_id is None) != (not self.telegram_api_hash):
            raise ValueError("TT_TELEGRAM_API_ID and TT_TELEGRAM_API_HASH go together: set both, or neither")
