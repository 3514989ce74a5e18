"""How the server may behave to a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tests.fakes.llm.requests import ChatRequest

Content = str | msgspec.Struct | dict[str, Any]


@dataclass(frozen=True)
class Says:
    """Answers.

    Attributes:
        content: The answer, or what makes it of the request. What is no string is made JSON.
        after: Seconds that it thinks first.
        finish_reason: `length` for an answer that was cut off, `content_filter` for one that was held back.
        usage: Tokens in and out; counted from the texts when None, left out of the answer when empty.
    """

    content: Content | Callable[[ChatRequest], Content]
    after: float = 0.0
    finish_reason: str = "stop"
    usage: tuple[int, int] | tuple[()] | None = None

    def text(self, request: ChatRequest) -> str:
        """The answer to a request."""
        content = self.content(request) if callable(self.content) else self.content
        return content if isinstance(content, str) else msgspec.json.encode(content).decode()


@dataclass(frozen=True)
class Refuses:
    """Answers that it will not answer, as models do out of caution."""

    refusal: str = "I cannot help with that."


@dataclass(frozen=True)
class Fails:
    """Answers with an error, in OpenAI's form."""

    status: int
    message: str = "Something went wrong."
    code: str | None = None
    param: str | None = None
    type: str = "server_error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hangs:
    """Takes the request and never answers; the connection stays open until the server ends."""


@dataclass(frozen=True)
class Breaks:
    """Closes the connection in the middle of its answer; `after` is the share of it that is sent."""

    after: float = 0.5


@dataclass(frozen=True)
class Garbage:
    """Answers 200 with something that is no answer."""

    body: str = "<html>It works!</html>"
    content_type: str = "text/html"


Reaction = Says | Refuses | Fails | Hangs | Breaks | Garbage


def rate_limited(retry_after: str | float | None = None) -> Fails:
    """Too many requests; `retry_after` in seconds or as an HTTP date."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fails(429, "Rate limit reached.", "rate_limit_exceeded", type="requests", headers=headers)


def quota_exhausted() -> Fails:
    """The account has no money left."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return Fails(429, message, "insufficient_quota", type="insufficient_quota")


def wrong_key(key: str = "") -> Fails:
    """The API key is not known; some servers quote it."""
    message = f"Incorrect API key provided: {key}." if key else "Incorrect API key provided."
    return Fails(401, message, "invalid_api_key", type="invalid_request_error")
