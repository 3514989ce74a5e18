"""TelegramPolling of the API, by `client.telegram.polling`."""

from tasktracker.records.telegram_polling import PollingRecord
from tasktracker.resource import Resource


class TelegramPolling(Resource):
    """The bot, and how what people write comes here."""

    def get(self) -> PollingRecord:
        """Get polling.

        Whether this installation fetches updates, when one came last, and what goes wrong at present.

        409 while no bot is connected. Needs the scope `admin`.
        """
        return self._ask("GET", "/api/v1/telegram/polling", PollingRecord)

    def set(self) -> PollingRecord:
        """Begin polling.

        Fetch updates from Telegram, as a machine without a public address does; deletes the webhook.

        409 while no bot is connected, 503 while Telegram does not answer. Needs the scope `admin`.
        """
        return self._ask("PUT", "/api/v1/telegram/polling", PollingRecord)

    def delete(self) -> PollingRecord:
        """End polling.

        Fetch no more updates; Telegram keeps them for 24 hours.

        409 while no bot is connected. Needs the scope `admin`.
        """
        return self._ask("DELETE", "/api/v1/telegram/polling", PollingRecord)
