"""Is a quote in a message, word for word? The promise that nothing in the knowledge base was invented.

What is kept is never what a model wrote but the message's own characters, found again by it. So that nothing
that was said is lost over how it is typed, and nothing that was not said gets in, these count as the same,
and nothing else does:

- white space of any kind and length, and characters that nobody sees (zero-width spaces, soft hyphens);
- canonically equivalent forms of Unicode: `й` as one character and as two are one letter by definition;
- the kinds of apostrophe within a word: `п'ять` and `п’ять` are one word.

Case, punctuation, quotation marks and dashes have to stand as they do in the message. A quote begins and ends
between words: `можливо` is not in `неможливо`, nor `за 1` in `за 1,2 секунди`. A quote without a letter or
digit quotes nothing.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = frozenset("'’ʼ‘`´′＇")
_HYPHENS = frozenset("-‐‑")
_POINTS = frozenset(".,:")
_UNSEEN = frozenset("\u200b\u2060\ufeff\u00ad\ufe0e\ufe0f")


@dataclass(frozen=True, slots=True)
class Cited:
    """Words of a message.

    Attributes:
        start: Where they begin in the message, in characters; `end` is behind the last.
        words: Exactly what stands there.
    """

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared; `starts` and `ends` say where each character came from."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def find_quote(text: str, quote: str) -> Cited | None:
    """The first place where a quote stands in a message; None when it does not."""
    wanted = _fold(quote).text.strip(" ")
    if not any(character.isalnum() for character in wanted):
        return None
    message = _fold(text)
    place = message.text.find(wanted)
    while place >= 0:
        end = place + len(wanted)
        if not _is_within_word(message.text, place) and not _is_within_word(message.text, end):
            start, stop = message.starts[place], message.ends[end - 1]
            return Cited(start, stop, text[start:stop])
        place = message.text.find(wanted, place + 1)
    return None


@lru_cache(maxsize=64)
def _fold(text: str) -> _Folded:
    """A text as it is compared. One message is asked about many quotes in a row."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, composed in _composed(text):
        for character in composed:
            if character in _UNSEEN:
                continue
            if character.isspace():
                if characters and characters[-1] == " ":
                    ends[-1] = end
                    continue
                character = " "  # noqa: PLW2901 - what it counts as
            characters.append(character)
            starts.append(start)
            ends.append(end)
    return _Folded(_with_one_apostrophe(characters), tuple(starts), tuple(ends))


def _composed(text: str) -> Iterator[tuple[int, int, str]]:
    """Each stretch of a text that composes to characters by itself, with where it begins and ends."""
    if unicodedata.is_normalized("NFC", text):
        yield from ((place, place + 1, character) for place, character in enumerate(text))
        return
    start = 0
    for place, character in enumerate(text):
        # Marks are only gathered: to compose at each of them takes a second for a word with a thousand.
        if place == start or unicodedata.combining(character):
            continue
        before = unicodedata.normalize("NFC", text[start:place])
        together = unicodedata.normalize("NFC", text[start : place + 1])
        if together == before + unicodedata.normalize("NFC", character):
            yield start, place, before
            start = place
    if text:
        yield start, len(text), unicodedata.normalize("NFC", text[start:])


def _with_one_apostrophe(characters: list[str]) -> str:
    return "".join(
        "'" if character in _APOSTROPHES and _joins_letters(characters, place) else character
        for place, character in enumerate(characters)
    )


def _joins_letters(characters: list[str], place: int) -> bool:
    return (
        0 < place < len(characters) - 1
        and _is_word(characters[place - 1])
        and _is_word(characters[place + 1])
    )


def _is_within_word(text: str, place: int) -> bool:
    """Whether a cut before this place goes through a word or a number."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if _is_word(before) and _is_word(after):
        return True
    return _is_joiner(text, place) or _is_joiner(text, place - 1)


def _is_joiner(text: str, place: int) -> bool:
    """Whether what stands here holds two halves of a word or number together: `п'ять`, `по-новому`, `1,2`."""
    if not 0 < place < len(text) - 1:
        return False
    before, here, after = text[place - 1], text[place], text[place + 1]
    if here in _POINTS:
        return before.isdigit() and after.isdigit()
    return (here == "'" or here in _HYPHENS) and _is_word(before) and _is_word(after)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
