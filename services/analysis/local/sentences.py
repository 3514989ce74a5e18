"""Sentences, and whether one says enough to be a task by itself. Pure."""

import re

from shared.language.folding import words_of

_END = re.compile(r"(?<=[.!?])\s+|(?<=\w…)\s+|\n+|\s+#\w+")
_FEWEST = 3
_SHORTEST = 4
_ASSIGNED = re.compile(r"\((?:[А-ЯІЇЄҐA-Z][\w'’-]+|усі|все|all|@\w+)(?:,[^()]*)?\)\W*$")


def sentences(text: str) -> list[str]:
    """A text in its sentences and lines, roughly, without marks of lists and tags."""
    parts = (part.strip().lstrip("—–-•*☐ ").strip() for part in _END.split(text))
    return [part for part in parts if part]


def says_enough(sentence: str) -> bool:
    """Whether a sentence has a few words of some length, terms or numbers: "так" and "зроблю" have not."""
    return (
        sum(
            len(word.folded) >= _SHORTEST or not word.folded.isalpha() or word.folded.isascii()
            for word in words_of(sentence)
        )
        >= _FEWEST
    )


def assigned(sentence: str) -> bool:
    """Whether it names in brackets at its end who is to do it: `алерт на 70 % (Дмитро, сьогодні)`."""
    return _ASSIGNED.search(sentence.strip()) is not None
