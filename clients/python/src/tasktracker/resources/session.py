"""Session of the API, by `client.session`."""

from tasktracker.records.session import Who
from tasktracker.resource import Resource, given


class Session(Resource):
    """Signing in to the page, and who is signed in."""

    def get(self) -> Who:
        """Who am I?

        Whose session or key this is, what it may do, and the CSRF token of the session.
        """
        return self._ask("GET", "/api/v1/session", Who)

    def create(self, key: str) -> Who:
        """Sign in.

        Begin a session: the answer sets a cookie that scripts cannot read and other sites cannot use.

        It ends after some days, earlier when it is not used, and with the key.
        """
        return self._ask("POST", "/api/v1/session", Who, body=given({"key": key}))

    def delete(self) -> None:
        """Sign out.

        End the session and take its cookie away; who came by a key has none to end.
        """
        self._tell("DELETE", "/api/v1/session")
