"""What a query asks for by its words: which of them say something, and how each is looked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.embedding.function_words import FUNCTION_WORDS
from shared.language.folding import fold, words_of
from shared.language.stems import stem_of

MOST_WORDS = 8
"""Words of a query that are looked for; the longest of more."""

_SHORT = 2
_MISSPELT_FROM = 4
# What people join to one name: `db-prod-2`, `v2.12`, `T-4521`, `user@host`, `#2741`, `10:30`.
_JOINED = re.compile(r"[^\s,;!?()\[\]{}<>|=&*~\"«»“”„…–—]+")
# Between words without a digit these part: `логін/пароль`, `склад:залишки`.
_PARTING = re.compile(r"[/:+]")


@dataclass(frozen=True, slots=True)
class AskedWord:
    """One word of a query, or a name of several joined ones.

    Attributes:
        folded: Its folded words, one space between.
        stem: What it is looked for by: of a name, its last word is inflected.
    """

    folded: str
    stem: str

    @property
    def is_name(self) -> bool:
        """Whether it is joined of several words."""
        return " " in self.folded

    @property
    def pattern(self) -> str:
        """For LIKE on a folded text: as a whole word when it is short, else as the beginning of words."""
        whole = len(self.folded) <= _SHORT
        return f"% {self.folded} %" if whole else f"% {self.stem}%"

    @property
    def may_be_misspelt(self) -> bool:
        """Whether it is long enough to be known by most of its letters."""
        return len(self.folded) >= _MISSPELT_FROM


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is compared with texts.

    Attributes:
        folded: All of it.
        words: Those that say something; function words only where there are no others.
    """

    folded: str
    words: tuple[AskedWord, ...]


def read_query(query: str) -> Asked:
    """The words of a query."""
    asked: dict[str, AskedWord] = {}
    for piece in _pieces(query):
        words = [word.folded for word in words_of(piece)]
        if words:
            joined = " ".join(words)
            asked[joined] = AskedWord(joined, " ".join([*words[:-1], stem_of(words[-1])]))
    telling = [word for word in asked.values() if word.folded not in FUNCTION_WORDS]
    kept = telling or list(asked.values())
    longest = set(sorted(kept, key=_weight, reverse=True)[:MOST_WORDS])
    return Asked(fold(query), tuple(word for word in kept if word in longest))


def _pieces(query: str) -> Iterator[str]:
    for piece in _JOINED.findall(query):
        if any(character.isdigit() for character in piece):
            yield piece
        else:
            yield from _PARTING.split(piece)


def _weight(word: AskedWord) -> tuple[bool, int]:
    return any(character.isdigit() for character in word.folded), len(word.folded)
