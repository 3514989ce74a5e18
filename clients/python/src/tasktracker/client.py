"""The client: one object, with a part for each part of the API."""

import os
from types import TracebackType
from typing import Self

from tasktracker.config import read_config
from tasktracker.resources.parts import Parts
from tasktracker.transport import Transport


class Client(Parts):
    """Talks to one installation of Task Tracker.

    Use it as a context manager, or close it. It may be shared by threads.

    Args:
        url: The server's address, for example `http://127.0.0.1:8000`.
        key: An API key of it.
        timeout: Seconds for each step of a request: to connect, to send, to receive.
        retries: How often a request is sent again: when the connection failed and that is safe (a POST goes
            with an `Idempotency-Key`, so it is done once), and after 429 and 503, when the server says.
        transport: What sends the requests, where it is to differ.

    Raises:
        ValueError: When `url` is no address or `key` cannot be a key.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        transport: Transport | None = None,
    ) -> None:
        self._transport = transport or Transport(url, key, timeout=timeout, retries=retries)
        super().__init__(self._transport)

    @classmethod
    def from_environment(cls, *, timeout: float = 30.0, retries: int = 4) -> Self:
        """A client of `TASKTRACKER_URL` and `TASKTRACKER_KEY`, or of what `tasktracker login` has stored.

        Raises:
            tasktracker.NotLoggedIn: When there is neither.
        """
        config = read_config(os.environ)
        return cls(config.url, config.key, timeout=timeout, retries=retries)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._transport.url

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"
