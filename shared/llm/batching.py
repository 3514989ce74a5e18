"""Which texts go together in one request for vectors, and in which form."""

from collections.abc import Iterator, Mapping

from shared.llm.texts import clean_text

MOST_TEXTS = 100
MOST_LOCAL_TEXTS = 16
"""The installation's own server answers one request at a time: no search is to wait for a hundred texts."""

MOST_CHARACTERS = 200_000
"""In one request: OpenAI takes 300,000 tokens, and a token is rarely less than a character and a half."""

LONGEST_TEXT = 16_000
"""Characters: some 8,000 tokens of Ukrainian, which is what the usual models take; the rest is cut off."""

LONGEST_LOCAL_TEXT = 2500
"""The same for the installation's own model, which reads 512 tokens."""


def prepare_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as it is embedded; empty when there is nothing in it."""
    return clean_text(text[: longest * 2])[:longest]


def batches(texts: Mapping[int, str], most: int = MOST_TEXTS) -> Iterator[dict[int, str]]:
    """The texts in their order, in batches of at most so many and of bounded length; by their places."""
    batch: dict[int, str] = {}
    size = 0
    for place, text in texts.items():
        if batch and (len(batch) == most or size + len(text) > MOST_CHARACTERS):
            yield batch
            batch, size = {}, 0
        batch[place] = text
        size += len(text)
    if batch:
        yield batch
