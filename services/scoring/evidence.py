"""What a message holds: its words and marks, counted by what they are evidence of."""

from dataclasses import dataclass

from services.scoring.lexicon import (
    ACTION,
    CAPITALS,
    CAUSE,
    DEADLINE,
    DECISION,
    FUNCTION,
    KNOWN,
    LATIN,
    NEGATION,
    OPENS_PHRASE,
    PHATIC,
    PHRASES,
    PREDICATE,
    PROBLEM,
    QUESTION,
    REQUEST,
    SMALL_TALK,
    STATUS,
    SUBJECT,
    VAGUE,
    WORKS,
    look_up,
)
from services.scoring.tokens import marks, readable

_LIGHT = PHATIC | FUNCTION
_FIRM = SUBJECT | PREDICATE | DEADLINE
_LAUGHING = ("😂", "🤣", "😹", "😆")
_WORDS = frozenset({"plain", "word"})
_SHORTEST_QUESTION = 3
"""Words; `Really?` and `And how?` ask nothing that can be answered."""
_STRONG = 0.5
_HINT = 0.4
_OPEN_QUESTION = 0.55
_NEGATION_REACH = 2
"""How many words a negation may stand before the verb that it denies."""

_SUBJECT_OF_MARK = {
    "block": 2.0,
    "code": 1.0,
    "path": 0.9,
    "call": 1.0,
    "issue": 0.7,
    "email": 0.4,
    "mention": 0.15,
    "site": 0.3,
}
_SPECIFICS_OF_MARK = {
    "block": 2.0,
    "code": 0.7,
    "path": 0.4,
    "call": 0.6,
    "issue": 0.6,
    "email": 0.5,
    "link": 0.6,
    "site": 0.5,
    "mention": 0.3,
    "time": 0.7,
    "date": 0.7,
    "version": 0.7,
    "amount": 0.8,
    "number": 0.3,
}


@dataclass(slots=True)
class Evidence:
    """The counts from which the content factors are computed.

    Attributes:
        words: Words and marks in all.
        informative: Words and marks that carry content.
        distinct: Different ones among these.
        subject: What it is about (technical and business terms, code, names).
        predicate: What happened or is to happen (problems, decisions, actions, requests).
        specifics: What makes it checkable (amounts, dates, links, versions, code).
        hints: Status, vague and question words: something is meant, not said.
        vague: Vague words.
        small_talk: Words of small talk.
        laughs: Laughter, in words and emoji.
        phatic: Words of greeting, thanks, agreement and the like.
        links: Links.
        question: Whether it asks.
    """

    words: int = 0
    informative: int = 0
    distinct: int = 0
    subject: float = 0.0
    predicate: float = 0.0
    specifics: float = 0.0
    hints: float = 0.0
    vague: int = 0
    small_talk: int = 0
    laughs: int = 0
    phatic: int = 0
    links: int = 0
    question: bool = False


def gather(text: str) -> Evidence:
    """Count the evidence in a text."""
    evidence = Evidence()
    text = readable(text)
    words: list[tuple[str, int]] = []
    foreign = False
    names = 0
    seen_marks: set[str] = set()
    for mark in marks(text):
        group = mark.lastgroup or ""
        if group in _WORDS:
            raw = mark[group]
            word = look_up(raw)
            words.append(word)
            if not word[1] & LATIN:
                foreign = True
            start = mark.start(group)
            if (
                start > 1
                and raw[0].isupper()
                and not word[1] & _LIGHT
                and text[start - 1] == " "
                and text[start - 2] not in ".!?:\n"
            ):
                names += 1
        elif group == "agree":
            evidence.words += 1
        else:
            evidence.words += 1
            evidence.informative += 1
            value = mark[group]
            if value in seen_marks:
                continue
            seen_marks.add(value)
            evidence.subject += _SUBJECT_OF_MARK.get(group, 0.0)
            evidence.specifics += _SPECIFICS_OF_MARK[group]
            if group in ("link", "site"):
                evidence.links += 1
                evidence.hints += _HINT
    evidence.distinct = len(seen_marks)
    evidence.question = "?" in text
    evidence.laughs = any(emoji in text for emoji in _LAUGHING)
    _count_words(evidence, words, foreign=foreign)
    evidence.subject += 0.3 * min(names, 3)
    return evidence


def _meanings(words: list[tuple[str, int]]) -> dict[str, int]:
    """The different words and phrases of a message with their kinds, phrases and denied verbs resolved."""
    meanings: dict[str, int] = {}
    denied = -_NEGATION_REACH - 1
    position = 0
    while position < len(words):
        word, kinds = words[position]
        length = 1
        if kinds & OPENS_PHRASE:
            word, kinds, length = _phrase(words, position)
        if kinds & NEGATION:
            denied = position
        elif kinds & WORKS and position - denied <= _NEGATION_REACH:
            word, kinds = "not " + word, PROBLEM | KNOWN
        meanings[word] = kinds
        position += length
    return meanings


def _phrase(words: list[tuple[str, int]], position: int) -> tuple[str, int, int]:
    """The longest phrase that begins here, its kind and its length; the word alone when none does."""
    word, kinds = words[position]
    if position + 1 < len(words):
        for phrase, kind in PHRASES[word].get(words[position + 1][0], ()):
            following = [word for word, _ in words[position : position + len(phrase)]]
            if following == phrase:
                return " ".join(phrase), kind | KNOWN, len(phrase)
    return word, kinds, 1


def _count_words(evidence: Evidence, words: list[tuple[str, int]], *, foreign: bool) -> None:
    meanings = _meanings(words)
    firm = evidence.specifics > 0 or any(kinds & _FIRM and not kinds & _LIGHT for kinds in meanings.values())
    both = 0.0
    unknown = content = plain = 0
    asks = False
    for kinds in meanings.values():
        plain += not kinds & PHATIC
        evidence.phatic += kinds & PHATIC
        asks = asks or bool(kinds & QUESTION and not kinds & PHATIC)
        if kinds & VAGUE:
            evidence.vague += 1
            evidence.hints += _HINT
        if kinds & _LIGHT and not (firm and kinds & (_FIRM | REQUEST)):
            if kinds & CAUSE:
                evidence.predicate += 0.25
            if kinds & SMALL_TALK:
                evidence.laughs += 1
            continue
        content += 1
        subject, predicate = _weights(kinds, foreign=foreign)
        if subject and predicate >= _STRONG:
            both += 1.0
        else:
            evidence.subject += subject
            evidence.predicate += predicate
        if kinds & DEADLINE:
            evidence.specifics += 0.6
        if kinds & (STATUS | PREDICATE | REQUEST | SUBJECT):
            evidence.hints += _HINT if kinds & (STATUS | PROBLEM) else _HINT / 2
        evidence.small_talk += bool(kinds & SMALL_TALK)
        unknown += not kinds & KNOWN
    _share(evidence, both)
    evidence.subject += min(0.7, (0.12 if evidence.predicate >= _STRONG else 0.06) * unknown)
    evidence.subject += 0.25 * max(0.0, evidence.predicate - 1.5)
    evidence.predicate += 0.25 * max(0.0, evidence.subject - 2.0)
    if evidence.question and plain >= _SHORTEST_QUESTION - 1 and len(words) >= _SHORTEST_QUESTION:
        evidence.hints += _OPEN_QUESTION + _HINT * asks
    evidence.words += len(words)
    evidence.distinct += content
    evidence.informative += content


def _share(evidence: Evidence, both: float) -> None:
    """Give the words that are subject and predicate at once to the side that has less."""
    if not both:
        return
    if both == 1 and max(evidence.subject, evidence.predicate) < _STRONG:
        evidence.subject += 0.65
        evidence.predicate += 0.65
        return
    total = evidence.subject + evidence.predicate + 1.2 * both
    evidence.subject = max(evidence.subject, min(total / 2, total - evidence.predicate))
    evidence.predicate = total - evidence.subject


def _weights(kinds: int, *, foreign: bool) -> tuple[float, float]:
    """How much one word says of what the message is about, and of what happens to it."""
    subject = 0.0
    if kinds & SUBJECT:
        subject = 1.0
    elif kinds & CAPITALS or (foreign and kinds & LATIN and not kinds & KNOWN):
        subject = 0.6
    predicate = 0.0
    if kinds & DECISION:
        predicate = 1.3
    elif kinds & PROBLEM:
        predicate = 1.0
    elif kinds & ACTION:
        predicate = 0.8
    elif kinds & REQUEST or kinds & CAUSE:
        predicate = 0.4
    elif kinds & WORKS:
        predicate = 0.25
    return subject, predicate
