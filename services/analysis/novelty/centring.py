"""Vectors as proposals are compared by: from where texts of their language lie on average. Pure.

A multilingual model puts all texts on one side, and those of one language closer together than those of one
meaning: between two unrelated tasks in Ukrainian the local model sees a cosine of 0.83, between one task in
Ukrainian and the same in English 0.85. Measured from the average of each language the first becomes 0.1 and
the second 0.4; what is the same then comes to 0.3 to 0.8 with any model, so that one threshold suits all.
"""

import math
import operator
import re
from array import array
from collections.abc import Mapping, Sequence

from services.analysis.novelty.reference import REFERENCE, TextLanguage
from shared.llm.interface import Vector

_LATIN = re.compile("[a-z]")
_CYRILLIC = re.compile("[а-яёіїєґ]")
_UKRAINIAN = re.compile("[іїєґ]")
_RUSSIAN = re.compile("[ыэъё]")

Centres = Mapping[TextLanguage, Vector]
"""By language, the mean of the reference texts' vectors."""


def language_of(text: str) -> TextLanguage:
    """The language of a text, by its letters; what is written in Latin ones counts as English."""
    folded = text.lower()
    if len(_LATIN.findall(folded)) > len(_CYRILLIC.findall(folded)):
        return "en"
    return "uk" if len(_UKRAINIAN.findall(folded)) > len(_RUSSIAN.findall(folded)) else "ru"


def centres_of(vectors: Sequence[Vector]) -> Centres:
    """The centres of a space.

    Args:
        vectors: Of the reference texts, in their order, language by language.
    """
    centres: dict[TextLanguage, Vector] = {}
    start = 0
    for language, texts in REFERENCE.items():
        own = vectors[start : start + len(texts)]
        centres[language] = [sum(each) / len(own) for each in zip(*own, strict=True)]
        start += len(texts)
    return centres


def centred(text: str, vector: Vector, centres: Centres) -> tuple[float, ...] | None:
    """A text's vector from its language's centre, of unit length; None when it lies right there."""
    away = [one - other for one, other in zip(vector, centres[language_of(text)], strict=True)]
    length = math.sqrt(sum(each * each for each in away))
    # As a database keeps them: single precision.
    return tuple(array("f", (each / length for each in away))) if length > 0 else None


def cosine(one: Vector, other: Vector) -> float:
    """Of two vectors of unit length, -1..1."""
    return max(-1.0, min(1.0, float(sum(map(operator.mul, one, other)))))
