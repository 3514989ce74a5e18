"""Users of the API, by `client.users`."""

from tasktracker.resource import Resource


class Users(Resource):
    """Saved messages with their scores, and corrections of them."""

    def avatar(self, user_id: int) -> bytes:
        """Get a person's picture.

        The picture of a user, as the bot fetched it after their first message: JPEG, PNG or WebP.

        404 when none is kept: there is no bot, or Telegram shows it none. 304 without a body for
        `If-None-Match`.

        Args:
            user_id: The `user_id` of a message's author.
        """
        return self._bytes(f"/api/v1/users/{user_id}/avatar")
