"""What is taken when a person names no models or prices: OpenAI's usual models, and what they cost."""

import re

from shared.contracts.analysis import Prices

OPENAI_CHAT_MODEL = "gpt-4.1-mini"
OPENAI_EMBEDDING_MODEL = "text-embedding-3-small"

CHAT_PRICES: dict[str, tuple[float, float]] = {
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-5": (1.25, 10.00),
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "o4-mini": (1.10, 4.40),
}
"""US dollars a million tokens, input and output, as OpenAI listed them in spring 2026; given prices win."""

EMBEDDING_PRICES: dict[str, float] = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "text-embedding-ada-002": 0.10,
}
"""US dollars a million tokens, likewise."""

_SNAPSHOT = re.compile(r"-20\d\d-\d\d-\d\d$")


def known_prices(chat_model: str | None, document_model: str | None) -> Prices:
    """What OpenAI asks for these models; zero for those that are not in the tables."""
    given, got = CHAT_PRICES.get(_family(chat_model), (0.0, 0.0))
    return Prices(input=given, output=got, embedding=EMBEDDING_PRICES.get(_family(document_model), 0.0))


def _family(model: str | None) -> str:
    """A model's name without the date of its snapshot."""
    return _SNAPSHOT.sub("", model or "")
