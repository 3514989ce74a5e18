"""Folding: what people type in many ways becomes one, for comparing letters.

A folded text is its words alone, in small letters, each between two spaces: ` реліз 2 12 у четвер `. So a
pattern with a space before it finds the beginnings of words, and trigrams are of words only.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_APOSTROPHES = "'’ʼ‘`´ʹ＇"
# A letter's marks may follow it as characters of their own; an apostrophe stands between letters.
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[\u0300-\u036f]|[{_APOSTROPHES}](?=[^\W_]))*")
_SAME_LETTERS = str.maketrans({"ё": "е", "ґ": "г"})
_NO_APOSTROPHES = str.maketrans(dict.fromkeys(_APOSTROPHES))


class Word(NamedTuple):
    """A word of a text: folded, and where it stands, as [start, end) in characters."""

    folded: str
    start: int
    end: int


def fold_word(word: str) -> str:
    """A word in small letters, with ё as е and ґ as г, and without apostrophes: `П’ять` is `пять`."""
    composed = unicodedata.normalize("NFKC", word.translate(_NO_APOSTROPHES))
    return composed.lower().translate(_SAME_LETTERS)


def words_of(text: str) -> Iterator[Word]:
    """The words of a text, in order; what is neither letter nor digit separates them.

    Some apostrophes are letters to Unicode: one that stands alone is no word.
    """
    for found in _WORD.finditer(text):
        folded = fold_word(found.group())
        if folded:
            yield Word(folded, found.start(), found.end())


def fold(text: str) -> str:
    """The folded text; empty when there is no word in it."""
    words = " ".join(word.folded for word in words_of(text))
    return f" {words} " if words else ""
