"""Stems: what of a Ukrainian, Russian or English word stays when it is inflected, roughly.

A light rule is enough: what is found by a stem is compared by its trigrams afterwards.
"""

from functools import lru_cache

_ENDINGS = (
    # Ukrainian and Russian, nouns and adjectives
    "остями істю остью ості ость ість ового евого ової евої ових евих "
    "ами ями ові еві єві ого его ому ему ими іми ій ої ою ею єю ая яя ые ие ых их ым им "
    "ах ях ам ям ів їв ев ов ий ый ой ей ия ія ії ию ію ією іє ие еє ею ем ом єм "
    "а я у ю і ї и ы о е є ь й "
    # verbs
    "увати ювати ировать овать ати яти ити іти ать ять ить еть їть ала яла ила іла али яли или іли ало ило "
    "ував вав ав яв ив ів ає яє ує ює ют ють уть ать ять ит ет "
    # English
    "ing ings ed es s"
)
_BY_LENGTH = sorted(set(_ENDINGS.split()), key=lambda ending: (-len(ending), ending))
_SHORTEST_INFLECTED = 4
_SHORTEST_STEM = 3
_LONG_WORD = 6


def stem_of(word: str) -> str:
    """The stem of a folded word: its longest known ending cut off, where enough of it is left.

    Words of up to three characters and those with a digit are their own stems.
    """
    if len(word) < _SHORTEST_INFLECTED or any(character.isdigit() for character in word):
        return word
    shortest = _SHORTEST_STEM if len(word) < _LONG_WORD else _SHORTEST_STEM + 1
    for ending in _BY_LENGTH:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=8192)
def trigrams_of(word: str) -> frozenset[str]:
    """The trigrams of a folded word, as Postgres' pg_trgm takes them: two spaces before it, one behind."""
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


def similarity(one: str, other: str) -> float:
    """How many of both words' trigrams they share, 0 to 1."""
    first, second = trigrams_of(one), trigrams_of(other)
    return len(first & second) / len(first | second)
