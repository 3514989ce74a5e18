"""What a server understands of a request. "OpenAI-compatible" is a promise that each keeps differently."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from loguru import logger

from shared.llm.failures import RefusedError

Structured = Literal["json_schema", "json_object", "text"]

_NEW_LIMIT = (".openai.com", ".azure.com")
_BAD_REQUEST = (400, 422)
_NEXT: dict[Structured, Structured] = {"json_schema": "json_object", "json_object": "text"}
_OTHER_LIMIT = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}
_OF_A_NUMBER = ("too large", "too high", "at most", "maximum", "exceed", "less than", "greater than", "range")
"""How servers say that a number is wrong which they understand."""


@dataclass(slots=True)
class Dialect:
    """What one server understands with one model, as its refusals have taught us.

    Attributes:
        structured: How the form of the answer is asked for.
        limit: What it calls the longest answer. OpenAI has given `max_tokens` up; others know only that, and
            would pass over the new name in silence.
        temperature: Whether it takes one; reasoning models do not.
        base64: Whether it takes `encoding_format` for vectors.
    """

    structured: Structured = "json_schema"
    limit: str = "max_tokens"
    temperature: bool = True
    base64: bool = True
    _limit_changed: bool = False

    def give_way(self, refused: RefusedError) -> bool:
        """Learn from a refusal that names what it does not understand; whether to ask again that way.

        Each concession is made once, so that asking again comes to an end.
        """
        if refused.status not in _BAD_REQUEST or refused.is_too_long:
            return False
        said = f"{refused.param} {refused}".lower()
        conceded = self._concede(said)
        if conceded:
            logger.warning(
                "a provider does not understand a request: {}; asking without {}", refused, conceded
            )
        return conceded is not None

    def _concede(self, said: str) -> str | None:
        if self.base64 and "encoding_format" in said:
            self.base64 = False
            return "encoding_format"
        if self.temperature and "temperature" in said:
            self.temperature = False
            return "temperature"
        if not self._limit_changed and self.limit in said and not any(word in said for word in _OF_A_NUMBER):
            self.limit, self._limit_changed = _OTHER_LIMIT[self.limit], True
            return "that limit"
        if self.structured in _NEXT and any(
            word in said for word in ("response_format", "json_schema", "json_object", "structured")
        ):
            before, self.structured = self.structured, _NEXT[self.structured]
            return before
        return None


def dialect_of(base_url: str) -> Dialect:
    """What is supposed of a server before it was asked anything."""
    host = urlsplit(base_url).hostname or ""
    return Dialect(limit="max_completion_tokens" if host.endswith(_NEW_LIMIT) else "max_tokens")


def response_format(dialect: Dialect, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The part of a chat request that asks for a form of answer."""
    if dialect.structured == "json_schema":
        wanted = {"name": name[:64], "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": wanted}}
    if dialect.structured == "json_object":
        return {"response_format": {"type": "json_object"}}
    return {}
