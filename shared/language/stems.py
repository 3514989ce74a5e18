"""Stems: what of a Ukrainian, Russian or English word stays when it is inflected, roughly.

The rules are light, and know no dictionary. `stem_of` cuts more than it should, for a search that compares
what it finds by trigrams afterwards; `possible_stems` leaves the choice to whoever knows another form.
"""

from functools import lru_cache

_DECLINED = (
    # Ukrainian and Russian, nouns and adjectives
    "остями істю остью ості ость ість "
    "ами ями ові еві єві ого его ому ему ими іми ій ої ою ею єю ая яя ые ие ых их ым им "
    "ах ях ам ям ів їв ев ов ий ый ой ей ия ія ії ию ію ією іє ие еє ею ем ом єм "
    "а я у ю і ї и ы о е є ь й"
)
_CONJUGATED = (
    "увати ювати ировать овать ати яти ити іти ать ять ить еть їть ала яла ила іла али яли или іли ало ило "
    "ував вав ав яв ив ів ає яє ує ює ют ють уть ать ять ит ет"
)
_ADJECTIVES_OF_NOUNS = "ового евого ової евої ових евих"
_ENGLISH = "ing ings ed es s"
_NOMINAL = frozenset(f"{_DECLINED} {_ENGLISH}".split())
_BY_LENGTH = sorted(
    {*_NOMINAL, *_CONJUGATED.split(), *_ADJECTIVES_OF_NOUNS.split()},
    key=lambda ending: (-len(ending), ending),
)
_LONGEST_NOMINAL = max(map(len, _NOMINAL))
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


def possible_stems(word: str) -> frozenset[str]:
    """What may be the stem of a folded word, if it is a noun or an adjective: itself among them.

    `касам` is `кас` as `лапам` is `лап`, or itself, as `реклам` is: only another form tells. Words of up to
    three characters and those with a digit are their own stems.
    """
    if len(word) < _SHORTEST_INFLECTED or any(character.isdigit() for character in word):
        return frozenset({word})
    longest = min(_LONGEST_NOMINAL, len(word) - _SHORTEST_STEM)
    cut = {word[:-length] for length in range(1, longest + 1) if word[-length:] in _NOMINAL}
    return frozenset({word, *cut})


@lru_cache(maxsize=8192)
def trigrams_of(word: str) -> frozenset[str]:
    """The trigrams of a folded word, as Postgres' pg_trgm takes them: two spaces before it, one behind."""
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


def similarity(one: str, other: str) -> float:
    """How many of both words' trigrams they share, 0 to 1."""
    first, second = trigrams_of(one), trigrams_of(other)
    return len(first & second) / len(first | second)
