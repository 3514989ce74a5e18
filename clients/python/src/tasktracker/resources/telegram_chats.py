"""TelegramChats of the API, by `client.telegram.chats`."""

from collections.abc import Iterator

from tasktracker.records.telegram_chats import TelegramChatPage, TelegramChatRecord
from tasktracker.resource import Resource, every


class TelegramChats(Resource):
    """The bot, and how what people write comes here."""

    def list(
        self, *, search: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> TelegramChatPage:
        """List the account's chats.

        The chats that the account is in, and how many of their messages are here: what a job can be made
        of.

        For the first page Telegram is asked when the list is more than a minute old; while a job uses the
        account, it is as of `listed_at`. 409 without account, 503 with `Retry-After` when Telegram wants
        one to wait. Needs the scope `admin`.

        Args:
            search: Only chats with this in their title or username.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/telegram/chats",
            TelegramChatPage,
            query={"search": search, "cursor": cursor, "limit": limit},
        )

    def iterate(self, *, search: str | None = None, limit: int | None = None) -> Iterator[TelegramChatRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(search=search, limit=limit, cursor=cursor))
