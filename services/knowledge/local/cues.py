"""Finding cue phrases in a sentence: the word lists of `cues_*.py`, compiled once.

A phrase is written a line, its parts separated by spaces, each standing for one word of the sentence:

- `word` one with that dictionary form or spelling; `a|b` either; `wor*` one that begins so
- `word:` one that a colon follows
- `<past,1pl>` one with these marks (see `words.Word`)
- `#` a number
- `..` up to three words of any kind
- `^` the beginning of the sentence, `$` its end (discourse words do not count)

Lines that begin with `//` are comments.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.knowledge.local import (
    cues_answers,
    cues_changes,
    cues_chatter,
    cues_knowledge,
    cues_manner,
    cues_needs,
    cues_troubles,
)
from services.knowledge.local.words import Word

DECISIVE, STRONG, PLAIN, HINT = 4.0, 2.4, 1.3, 0.7
"""What one phrase adds to the log-odds of its kind."""

_STRENGTHS = {"decisive": DECISIVE, "strong": STRONG, "plain": PLAIN, "hint": HINT}
_NOT_DENIED = frozenset({"works", "agreement"})
"""Kinds that a denial before the phrase takes away."""

_LONGEST_GAP = 3
_LEADING_ON = """
ну от ось а і й але так отже значить тобто слухайте слухай короче коротше взагалі ой ок окей добре гаразд
ага тоді и но вот значит итак кстати ладно хорошо тогда so well ok okay and but also then right btw oh hey
fwiw hmm yeah yes actually anyway plus
"""
_DISCOURSE = frozenset(_LEADING_ON.split())
_CONCLUDING = frozenset(["тоді", "тогда", "then", "so", "отже", "значить", "значит", "итак", "тобто"])


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase found in a sentence, at the words `first` to `last`."""

    kind: str
    weight: float
    phrase: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    weight: float
    phrase: str
    parts: tuple[tuple[str, ...], ...]


def find_cues(words: Sequence[Word]) -> list[Cue]:
    """Every cue phrase in a sentence, in no order that means anything but always the same."""
    return list(_found(tuple(words)))


@lru_cache(maxsize=1 << 12)
def _found(words: tuple[Word, ...]) -> tuple[Cue, ...]:
    start = past_discourse(words)
    cues: list[Cue] = []
    for at, word in enumerate(words):
        for pattern in _candidates(word):
            last = _match(pattern.parts, words, at, start)
            if last is not None and not (pattern.kind in _NOT_DENIED and _is_denied(words, at)):
                cues.append(Cue(pattern.kind, pattern.weight, pattern.phrase, at, last))
    return tuple(cues)


def _is_denied(words: Sequence[Word], at: int) -> bool:
    return at > 0 and words[at - 1].text in {"не", "not"}


def past_discourse(words: Sequence[Word]) -> int:
    """The place of the first word that says something, past "so", "ну от" and whom it is said to."""
    return _past(words, _DISCOURSE)


def past_openers(words: Sequence[Word]) -> int:
    """The place of the first word past "ok", "ну" and the like, but not past "тоді" or "so"."""
    return _past(words, _DISCOURSE - _CONCLUDING)


def _past(words: Sequence[Word], skipped: frozenset[str]) -> int:
    for at, word in enumerate(words):
        if word.text not in skipped and "mention" not in word.marks:
            return at
    return len(words)


def _candidates(word: Word) -> Iterator[_Pattern]:
    for form in sorted(word.forms):
        yield from _BY_WORD.get(form, ())
    for length in _PREFIX_LENGTHS:
        yield from _BY_PREFIX.get(word.text[:length], ()) if len(word.text) >= length else ()
    for pattern in _BY_MARKS:
        if _fits_any(pattern.parts[_first_word(pattern.parts)], word):
            yield pattern


def _match(parts: tuple[tuple[str, ...], ...], words: Sequence[Word], at: int, start: int) -> int | None:
    """The place of the last word of a phrase that begins at `at`, or None."""
    if parts[0] == ("^",):
        if at > start:
            return None
        parts = parts[1:]
    place = at
    for index, part in enumerate(parts):
        if part == ("$",):
            return place - 1 if all(word.text in _DISCOURSE for word in words[place:]) else None
        if part == ("..",):
            rest = parts[index + 1 :]
            ends = (_match(rest, words, place + gap, -1) for gap in range(_LONGEST_GAP + 1))
            return next((end for end in ends if end is not None), None)
        if place >= len(words) or not _fits_any(part, words[place]):
            return None
        place += 1
    return place - 1


def _fits_any(alternatives: tuple[str, ...], word: Word) -> bool:
    return any(_fits(alternative, word) for alternative in alternatives)


@lru_cache(maxsize=1 << 16)
def _fits(part: str, word: Word) -> bool:
    if part == "#":
        return "number" in word.marks
    if part.startswith("<"):
        return all(mark in word.marks for mark in part[1:-1].split(","))
    if part.endswith("*"):
        return word.text.startswith(part[:-1])
    if part.endswith(":"):
        return "announcing" in word.marks and part[:-1] in word.forms
    return part in word.forms


def _first_word(parts: tuple[tuple[str, ...], ...]) -> int:
    return 1 if parts[0] == ("^",) else 0


def _patterns(kind: str, lists: Mapping[str, str]) -> Iterator[_Pattern]:
    for strength, text in lists.items():
        for line in text.strip().splitlines():
            phrase = line.strip()
            if phrase and not phrase.startswith("//"):
                parts = tuple(
                    tuple(part.split("|")) if not part.startswith("<") else (part,) for part in phrase.split()
                )
                yield _Pattern(kind, _STRENGTHS[strength], phrase, parts)


def _compile() -> tuple[dict[str, list[_Pattern]], dict[str, list[_Pattern]], list[_Pattern]]:
    by_word: defaultdict[str, list[_Pattern]] = defaultdict(list)
    by_prefix: defaultdict[str, list[_Pattern]] = defaultdict(list)
    by_marks: list[_Pattern] = []
    modules = (
        cues_troubles,
        cues_changes,
        cues_answers,
        cues_knowledge,
        cues_needs,
        cues_manner,
        cues_chatter,
    )
    for kind, lists in (entry for module in modules for entry in module.CUES.items()):
        for pattern in _patterns(kind, lists):
            for first in pattern.parts[_first_word(pattern.parts)]:
                if first.startswith(("<", "#")):
                    by_marks.append(pattern)
                elif first.endswith("*"):
                    by_prefix[first[:-1]].append(pattern)
                else:
                    by_word[first.removesuffix(":")].append(pattern)
    return dict(by_word), dict(by_prefix), by_marks


_BY_WORD, _BY_PREFIX, _BY_MARKS = _compile()
_PREFIX_LENGTHS = tuple(sorted({len(prefix) for prefix in _BY_PREFIX}))
