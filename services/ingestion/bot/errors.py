"""What may go wrong with the Bot API; no message holds a token, nor the address that a token stands in."""


class BotApiError(Exception):
    """The Bot API said no, or nothing; the message says what happened and what to do."""


class UnreachableError(BotApiError):
    """It did not answer in time, or with something else than an answer of the Bot API. Later it may."""


class UnknownTokenError(BotApiError):
    """Telegram does not know the token: it is wrong, or was revoked."""


class TooManyRequestsError(BotApiError):
    """Telegram wants a pause.

    Attributes:
        retry_after: Seconds.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConflictError(BotApiError):
    """Updates cannot be fetched: a webhook is set, or somebody else fetches them."""


class RefusedError(BotApiError):
    """Telegram refused what was asked, in words of its own."""


class TooLargeError(RefusedError):
    """What it sends is larger than it may be; the rest was left unread."""
