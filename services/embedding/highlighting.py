"""Where in a text the words of a query stand: also inflected, also misspelt."""

from collections.abc import Sequence

from services.embedding.asking import AskedWord
from shared.language.folding import Word, words_of
from shared.language.stems import similarity

MOST_RANGES = 100
_SHORT = 3
_LONGEST_ENDING = 4
_SHORT_ENDING = 2
_MISSPELT = 0.45
_MISSPELT_FROM = 5
_MISSPELT_BY = 2


def matches_of(text: str, words: Sequence[AskedWord]) -> list[tuple[int, int]]:
    """The ranges of a text that match words of a query, as [start, end) in characters, in order."""
    found: list[tuple[int, int]] = []
    spoken = list(words_of(text))
    names = [_parts(word) for word in words if word.is_name]
    single = [word for word in words if not word.is_name]
    known: dict[str, bool] = {}
    place = 0
    while place < len(spoken) and len(found) < MOST_RANGES:
        length = next((len(name) for name in names if _stands_at(spoken, place, name)), 0)
        if not length:
            folded = spoken[place].folded
            if folded not in known:
                known[folded] = any(_matches(folded, word) for word in single)
            length = int(known[folded])
        if length:
            found.append((spoken[place].start, spoken[place + length - 1].end))
        place += max(length, 1)
    return found


def _parts(name: AskedWord) -> list[AskedWord]:
    """The words of a name, the last with its stem."""
    *former, last = name.folded.split()
    return [*(AskedWord(word, word) for word in former), AskedWord(last, name.stem.split()[-1])]


def _stands_at(spoken: Sequence[Word], place: int, name: Sequence[AskedWord]) -> bool:
    here = [word.folded for word in spoken[place : place + len(name)]]
    return (
        len(here) == len(name)
        and all(word == part.folded for word, part in zip(here[:-1], name[:-1], strict=True))
        and _matches(here[-1], name[-1])
    )


def _matches(folded: str, word: AskedWord) -> bool:
    if folded == word.folded:
        return True
    if len(word.folded) < _SHORT or any(character.isdigit() for character in word.folded):
        return False
    longest = _SHORT_ENDING if len(word.stem) <= _SHORT else _LONGEST_ENDING
    if folded.startswith(word.stem) and len(folded) - len(word.stem) <= longest:
        return True
    shorter, longer = sorted((len(folded), len(word.folded)))
    return (
        shorter >= _MISSPELT_FROM
        and longer - shorter <= _MISSPELT_BY
        and similarity(folded, word.folded) >= _MISSPELT
    )
