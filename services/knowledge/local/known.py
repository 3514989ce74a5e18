"""Which of the known topics a new one is."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

import numpy as np

from services.knowledge.local.content import content_words, is_among
from services.knowledge.local.phrases import PREPOSITIONS
from services.knowledge.local.vectors import Vector, cosine

_ALL_WORDS, _HALF = 0.99, 0.5
_SAME_SUBJECT = 0.1
"""How near a name must be half of whose head most sentences or the new name say, or that has but one word."""

_SPOKEN_OF = 0.25
"""How near one must be any word of which is said."""

_NEAR = 0.4
_NEAR_TO_FEW = {1: 0.3, 2: 0.35}
"""How near one must be that shares no words: to a topic of several atoms, and to so few, which are better off
with what is near than by themselves."""

_AHEAD = 0.08
"""How much nearer than any other: what is near to several is near to none of them in particular."""


def known_topic(
    name: str,
    texts: Sequence[str],
    centre: Vector | None,
    known: Mapping[str, Vector | None],
    usual: Vector | None,
) -> str | None:
    """The name of the known topic that these sentences belong to, or None.

    A name's words count when most of the sentences say them: that one of many does shows nothing.

    Args:
        name: What the new topic would be called.
        texts: Its sentences.
        centre: The mean of their vectors.
        known: Names of known topics, with their vectors.
        usual: Where texts lie on average: models put all of them on one side, so nearness counts from there.
    """
    near = {other: _nearness(centre, vector, usual) for other, vector in known.items()}
    said, title = [content_words(text) for text in texts], content_words(name)
    best: tuple[float, str] | None = None
    for other in known:
        wanted, head = content_words(other), _head(other)
        if not wanted:
            continue
        most = max(_share(wanted, title), _of_most(wanted, said))
        any_word = most > 0 or any(_share(wanted, each) for each in said)
        headed = max(_share(head, title), _of_most(head, said)) >= _HALF or _say_its_term(wanted, said)
        ahead = near[other] - max((near[each] for each in near if each != other), default=0.0)
        fits = (
            (most >= _ALL_WORDS and (len(wanted) > 1 or near[other] >= _SAME_SUBJECT))
            or (headed and near[other] >= _SAME_SUBJECT)
            or (any_word and near[other] >= _SPOKEN_OF)
            or (len(wanted) > 1 and near[other] >= _NEAR_TO_FEW.get(len(texts), _NEAR) and ahead >= _AHEAD)
        )
        score = most + 4 * near[other]
        if fits and (best is None or score > best[0]):
            best = score, other
    return best[1] if best else None


def _share(wanted: frozenset[str], said: frozenset[str]) -> float:
    """How many of a name's words are among others: 0..1; 0 where it has none."""
    return sum(is_among(word, said) for word in sorted(wanted)) / max(1, len(wanted))


def _head(name: str) -> frozenset[str]:
    """The content words of a name before its first preposition: a queue in Redis is a queue."""
    return content_words(" ".join(takewhile(lambda word: word.lower() not in PREPOSITIONS, name.split())))


def _of_most(wanted: frozenset[str], said: Sequence[frozenset[str]]) -> float:
    """How many of a name's words the greater half of the sentences says, at the least."""
    return sorted(_share(wanted, each) for each in said)[(len(said) - 1) // 2]


def _say_its_term(wanted: frozenset[str], said: Sequence[frozenset[str]]) -> bool:
    """Whether all sentences say a term in Latin letters that stands among a name's Cyrillic words."""
    terms = {word for word in wanted if word.isascii()}
    return terms != wanted and not any(terms.isdisjoint(each) for each in said)


def _nearness(one: Vector | None, other: Vector | None, usual: Vector | None) -> float:
    """Cosine as seen from where texts usually lie; 0 where that is not known."""
    if one is None or other is None or usual is None or not len(one) == len(other) == len(usual):
        return 0.0
    return cosine(np.subtract(one, usual).tolist(), np.subtract(other, usual).tolist())
