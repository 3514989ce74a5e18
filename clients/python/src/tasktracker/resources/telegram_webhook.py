"""TelegramWebhook of the API, by `client.telegram.webhook`."""

from tasktracker.records.telegram_webhook import WebhookRecord
from tasktracker.resource import Resource, given


class TelegramWebhook(Resource):
    """The bot, and how what people write comes here."""

    def get(self) -> WebhookRecord:
        """Get the webhook.

        What Telegram knows of the webhook: how many updates wait, and what went wrong with it last.

        409 while no bot is connected, 503 while Telegram does not answer. Needs the scope `admin`.
        """
        return self._ask("GET", "/api/v1/telegram/webhook", WebhookRecord)

    def set(self, *, url: str | None = None, max_connections: int | None = None) -> WebhookRecord:
        """Set the webhook.

        Have Telegram send updates here; ends polling. Send `{}` for the installation's own address.

        409 while no bot is connected or `TT_WEBHOOK_SECRET` is not set, 422 for an address that Telegram
        cannot call. Needs the scope `admin`.

        Args:
            url: A public https address, on port 443, 80, 88 or 8443; `TT_PUBLIC_URL` with
                `/webhook/telegram` when absent.
            max_connections: As many updates Telegram may send at the same time.
        """
        return self._ask(
            "PUT",
            "/api/v1/telegram/webhook",
            WebhookRecord,
            body=given({"url": url, "max_connections": max_connections}),
        )

    def delete(self) -> WebhookRecord:
        """Delete the webhook.

        Have Telegram send no more updates; it keeps them for 24 hours, for whichever way comes next.

        409 while no bot is connected. Needs the scope `admin`.
        """
        return self._ask("DELETE", "/api/v1/telegram/webhook", WebhookRecord)
