"""TelegramBot of the API, by `client.telegram.bot`."""

from tasktracker.records.telegram_bot import BotRecord
from tasktracker.resource import Resource, given


class TelegramBot(Resource):
    """The bot, and how what people write comes here."""

    def get(self) -> BotRecord:
        """Get the bot.

        The bot that is connected, how its updates come, and in `hints` what keeps it from seeing messages.

        404 while none is. Telegram is not asked. Needs the scope `admin`.
        """
        return self._ask("GET", "/api/v1/telegram/bot", BotRecord)

    def set(self, token: str) -> BotRecord:
        """Connect a bot.

        Connect a bot by its token, in place of the one that was; Telegram is asked whose it is.

        The same bot with a new token goes on as before. 422 when Telegram does not know the token, 503
        while it does not answer. Needs the scope `admin`.

        Args:
            token: As BotFather gave it; it is kept encrypted, and never shown.
        """
        return self._ask("PUT", "/api/v1/telegram/bot", BotRecord, body=given({"token": token}))

    def delete(self) -> None:
        """Disconnect the bot.

        Forget the bot and its token; its webhook is deleted first, if Telegram answers. Messages stay.

        That there is none is no error. Needs the scope `admin`.
        """
        self._tell("DELETE", "/api/v1/telegram/bot")
