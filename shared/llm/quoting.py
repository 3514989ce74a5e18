"""Quoting what a server says of an error: never the key, never what was sent to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.llm.texts import clean_text

_LONGEST = 200
_WINDOW = 24
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Quoting:
    """What is not to be quoted.

    Attributes:
        key: The API key.
        sent: The texts that were sent.
    """

    key: str
    sent: Sequence[str]

    def quote(self, message: object) -> str:
        """At most 200 characters of what a server says; nothing when it repeats what it was sent."""
        if not isinstance(message, str) or message.lstrip().startswith("<"):
            return ""
        said = " ".join(clean_text(message).split())
        if self.key:
            said = said.replace(self.key, "***")
        said = said if len(said) <= _LONGEST else said[:_LONGEST] + "…"
        return "" if self._repeats(said) else said

    def _repeats(self, said: str) -> bool:
        pieces = {said[start : start + _WINDOW] for start in range(max(0, len(said) - _WINDOW) + 1)}
        return any(
            any(len(piece) == _WINDOW and piece in text for piece in pieces)
            or (_SHORTEST <= len(text) < _WINDOW and text in said)
            for text in self.sent
        )
