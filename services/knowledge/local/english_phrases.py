"""Phrases of English nouns, found without a dictionary: words that stand between words of grammar."""

from collections.abc import Iterator, Sequence

from services.knowledge.local.common_words import ENGLISH_VERBS
from services.knowledge.local.tokens import Phrase, Token, key

_BEFORE_NOUNS = """
the a an our this that their its my your his her every each any no of for in on with by to from at into about
"""
_DETERMINERS = frozenset(_BEFORE_NOUNS.split())
_JOINING = frozenset(["of", "for", "per", "in", "on", "with", "without", "from"])
_LONGEST = 3
_CERTAIN, _LIKELY, _DOUBTFUL, _JOINED = 1.15, 0.95, 0.8, 0.8


def english_phrases(found: Sequence[Token], at: int) -> Iterator[Phrase]:
    """Phrases of two or three words that begin at a word; the last one is no verb that is known as such."""
    determined = at > 0 and found[at].glued and found[at - 1].word.text in _DETERMINERS
    taken: list[Token] = []
    for token in found[at : at + _LONGEST]:
        if (taken and not token.glued) or not _is_nominal(token, first=not taken, determined=determined):
            return
        taken.append(token)
        weight = _CERTAIN if determined else _DOUBTFUL if _is_verbal(taken[0]) else _LIKELY
        if len(taken) > 1 and not _is_verbal(token):
            yield _phrase(taken, taken, weight)
        after = found[at + len(taken) : at + len(taken) + 2]
        if _joins(after):
            yield _phrase([*taken, *after], [*taken, after[1]], _JOINED)


def _joins(after: Sequence[Token]) -> bool:
    """Whether a preposition and a word that it joins follow at once."""
    glued = len(after) > 1 and all(token.glued for token in after)
    return glued and after[0].word.text in _JOINING and _is_nominal(after[1], first=False, determined=False)


def _phrase(parts: Sequence[Token], named: Sequence[Token], weight: float) -> Phrase:
    return Phrase(" ".join(part.surface for part in parts), tuple(key(part.word) for part in named), weight)


def _is_nominal(token: Token, *, first: bool, determined: bool) -> bool:
    if "en" not in token.word.marks or not token.usable or token.word.text.endswith("ly"):
        return False
    return not token.word.forms & ENGLISH_VERBS or (first and determined)


def _is_verbal(token: Token) -> bool:
    return "past" in token.word.marks or token.word.text.endswith("ing")
