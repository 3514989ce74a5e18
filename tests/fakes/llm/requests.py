"""What the server received, taken apart for those who script its answers or look at them afterwards."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FENCED = re.compile(
    r"^<data-(?P<code>[0-9a-f]+)>\n(?P<data>.*)\n</data-(?P=code)>$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Received:
    """One request.

    Attributes:
        headers: By lower-case names.
        at: When, in seconds of the monotonic clock.
    """

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float

    @property
    def model(self) -> str:
        return str(self.body["model"])

    @property
    def key(self) -> str:
        """The API key that came with it."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class ChatRequest(Received):
    """A request for a chat completion."""

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def format(self) -> str:
        """The type of `response_format`; `text` when there is none."""
        return str(self.body.get("response_format", {}).get("type", "text"))

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that the answer has to fit."""
        described = self.body.get("response_format", {}).get("json_schema")
        return described["schema"] if described else None

    @property
    def task(self) -> str:
        """The name of the schema, which is the question's task."""
        return str(self.body["response_format"]["json_schema"]["name"])

    @property
    def data(self) -> Any:
        """The fenced data of the first user message."""
        text = next(message["content"] for message in self.messages if message["role"] == "user")
        fenced = _FENCED.search(text)
        if fenced is None:
            raise ValueError("the prompt has no fenced data")
        return json.loads(fenced["data"])

    @property
    def is_repair(self) -> bool:
        """Whether it asks to mend the answer before."""
        return any(message["role"] == "assistant" for message in self.messages)


@dataclass(frozen=True)
class EmbeddingRequest(Received):
    """A request for vectors."""

    @property
    def texts(self) -> list[str]:
        given = self.body["input"]
        return [given] if isinstance(given, str) else list(given)
