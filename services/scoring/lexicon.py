"""What a word can be evidence of: the word lists, compiled once, and the look-up of one word in them.

A word is looked up whole (or, where a list says `слов*`, by its beginning), never as a part of another word.
"""

import re
from collections import defaultdict
from functools import lru_cache

from services.scoring import (
    lexicon_evidence,
    lexicon_grammar,
    lexicon_phatic,
    lexicon_smalltalk,
    lexicon_subjects,
)
from services.scoring.spelling import fold, other_layout, transliterated, unmix, unstretched

PHATIC, FUNCTION, QUESTION, VAGUE, NEGATION, SMALL_TALK = 1, 2, 4, 8, 16, 32
TECHNICAL, BUSINESS, TERM, CODE = 64, 128, 256, 512
PROBLEM, DECISION, ACTION, REQUEST, CAUSE, WORKS, STATUS, DEADLINE = (1 << n for n in range(10, 18))
OPENS_PHRASE, LATIN, CAPITALS, KNOWN = (1 << n for n in range(18, 22))
"""The kinds, as bits of one mask: a word may be several at once."""

SUBJECT = TECHNICAL | BUSINESS | CODE
PREDICATE = PROBLEM | DECISION | ACTION

_LISTS: tuple[tuple[int, str], ...] = (
    (PHATIC, lexicon_phatic.GREETINGS),
    (PHATIC, lexicon_phatic.ACKNOWLEDGEMENTS),
    (PHATIC | SMALL_TALK, lexicon_phatic.LAUGHTER),
    (PHATIC, lexicon_phatic.REACTIONS),
    (PHATIC, lexicon_phatic.FILLERS),
    (SMALL_TALK, lexicon_smalltalk.SMALL_TALK),
    (FUNCTION, lexicon_grammar.FUNCTION),
    (QUESTION | FUNCTION, lexicon_grammar.QUESTION),
    (VAGUE, lexicon_grammar.VAGUE),
    (NEGATION | FUNCTION, lexicon_grammar.NEGATION),
    (TECHNICAL, lexicon_subjects.TECHNICAL),
    (BUSINESS, lexicon_subjects.BUSINESS),
    (PROBLEM, lexicon_evidence.PROBLEM),
    (DECISION, lexicon_evidence.DECISION),
    (ACTION, lexicon_evidence.ACTION),
    (REQUEST, lexicon_evidence.REQUEST),
    (CAUSE, lexicon_evidence.CAUSE),
    (WORKS, lexicon_evidence.WORKS),
    (STATUS, lexicon_evidence.STATUS),
    (DEADLINE, lexicon_evidence.DEADLINE),
)
_PHRASE_LISTS: tuple[tuple[int, str], ...] = (
    (PHATIC, lexicon_phatic.PHRASES),
    (PROBLEM, lexicon_evidence.PHRASES["problem"]),
    (STATUS, lexicon_evidence.PHRASES["status"]),
    (CAUSE, lexicon_evidence.PHRASES["cause"]),
    (DECISION, lexicon_evidence.PHRASES["decision"]),
    (DEADLINE, lexicon_evidence.PHRASES["deadline"]),
    (REQUEST, lexicon_evidence.PHRASES["request"]),
)
_LONGEST_WORD = 40

_LAUGHTER = re.compile(
    r"(?:[ахп]{4,}|(?:аз){2,}а?|[хпаеи]*(?:х[аеиоыі]+)+х?|[haeijx]*(?:h[aeio]+){2,}h*|x+d+|(?:lo)+l+|к?ек+|г{2,}|е+м+)"
)
_CODE_SHAPE = re.compile(r"[A-Za-z0-9]*_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Za-z]+\d+\w*")
_ERROR_NAME = re.compile(r"[A-Z]\w*(?:Error|Exception|Warning|Timeout|Failure)")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]+")


def _compile() -> tuple[dict[str, int], dict[str, int]]:
    words: defaultdict[str, int] = defaultdict(int)
    stems: defaultdict[str, int] = defaultdict(int)
    for kind, entries in _LISTS:
        for entry in entries.split():
            if entry.endswith("*"):
                stems[fold(entry[:-1])] |= kind
            else:
                words[fold(entry)] |= kind
    return dict(words), dict(stems)


def _compile_phrases() -> dict[str, dict[str, list[tuple[list[str], int]]]]:
    phrases: defaultdict[str, defaultdict[str, list[tuple[list[str], int]]]]
    phrases = defaultdict(lambda: defaultdict(list))
    for kind, lines in _PHRASE_LISTS:
        for line in lines.strip().splitlines():
            words = [fold(word) for word in line.split()]
            phrases[words[0]][words[1]].append((words, kind))
    return {
        first: {second: sorted(tails, key=lambda tail: -len(tail[0])) for second, tails in by_second.items()}
        for first, by_second in phrases.items()
    }


_WORDS, _STEMS = _compile()
_STEM_LENGTHS = tuple(sorted({len(stem) for stem in _STEMS}, reverse=True))
PHRASES = _compile_phrases()
"""Phrases by their first and second word, longest first: the folded words, and the kind of them all."""


def _listed(word: str) -> int:
    kinds = _WORDS.get(word, 0)
    for length in _STEM_LENGTHS:
        if length <= len(word):
            kinds |= _STEMS.get(word[:length], 0)
    return kinds


def _in_other_spelling(word: str) -> int:
    for spelling in unstretched(word):
        if found := _listed(spelling):
            return found
    for spelling in other_layout(word):
        if (found := _WORDS.get(spelling, 0)) & PHATIC:
            return found
    for spelling in transliterated(word):
        if found := _listed(spelling):
            return found
    return 0


def _of_parts(word: str) -> int:
    kinds = [_listed(part) for part in word.split("-") if part]
    if len(kinds) > 1 and all(kinds):
        shared = PHATIC if all(kind & PHATIC for kind in kinds) else 0
        evidence = 0
        for kind in kinds:
            evidence |= kind & ~(PHATIC | FUNCTION)
        return shared or evidence or FUNCTION
    return 0


def _shape(word: str) -> int:
    if _ERROR_NAME.fullmatch(word):
        return CODE | PROBLEM
    if _CODE_SHAPE.fullmatch(word):
        return CODE
    return CAPITALS if _CAPITALS.fullmatch(word) else 0


@lru_cache(maxsize=1 << 16)
def look_up(word: str) -> tuple[str, int]:
    """The folded word and the kinds that it can be evidence of.

    A word that no list knows has only what its shape says (code, capitals, Latin letters).
    """
    word = word[:_LONGEST_WORD]
    folded = unmix(fold(word))
    kinds = _listed(folded)
    if not kinds:
        if len(folded) <= 1 or len(set(folded)) == 1:
            kinds = PHATIC
        elif _LAUGHTER.fullmatch(folded):
            kinds = PHATIC | SMALL_TALK
        else:
            kinds = _of_parts(folded) if "-" in folded else _in_other_spelling(folded)
    if kinds:
        kinds |= KNOWN
    if word.isascii():
        kinds |= LATIN | (_shape(word) if not kinds & (PHATIC | FUNCTION | SMALL_TALK) else 0)
    if folded in PHRASES:
        kinds |= OPENS_PHRASE
    return folded, kinds
