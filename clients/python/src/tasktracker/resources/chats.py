"""Chats of the API, by `client.chats`."""

from tasktracker.records.chats import ChatItems
from tasktracker.resource import Resource


class Chats(Resource):
    """Saved messages with their scores, and corrections of them."""

    def list(self) -> ChatItems:
        """List chats.

        All chats, by title. A group that became a supergroup is one chat; `ids` are all that it has had.
        """
        return self._ask("GET", "/api/v1/chats", ChatItems)
