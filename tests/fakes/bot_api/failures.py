"""How the Bot API says no."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Failure(Exception):  # noqa: N818 - Telegram's, not ours
    """An answer that is an error; `raw` is sent in place of the usual envelope."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)
    raw: bytes | None = None

    def body(self) -> bytes:
        """The answer."""
        if self.raw is not None:
            return self.raw
        envelope: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return json.dumps(envelope | ({"parameters": self.parameters} if self.parameters else {})).encode()


def too_many_requests(seconds: int) -> Failure:
    return Failure(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def unknown_token() -> Failure:
    return Failure(401, "Unauthorized")


def server_error() -> Failure:
    return Failure(502, "Bad Gateway")


def garbage() -> Failure:
    return Failure(502, "", raw=b"<html>bad gateway</html>")


def bad_request(words: str) -> Failure:
    return Failure(400, f"Bad Request: {words}")


WEBHOOK_IS_SET = Failure(
    409,
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first",
)
OTHER_POLLS = Failure(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
)
