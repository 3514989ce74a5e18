"""Which of the known topics a new one is."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.knowledge.local.content import content_words, is_among
from services.knowledge.local.vectors import Vector, cosine

_ALL_WORDS, _HALF = 0.99, 0.5
_SAME_SUBJECT = 0.12
"""How near a name must be that shares half of its words, or has but one."""

_NEAR = 0.35
_NEAR_TO_FEW = {1: 0.1, 2: 0.22, 3: 0.3}
"""How near one must be that shares no words: to a topic of several atoms, and to so few, which are better off
with what is near than by themselves."""


def known_topic(
    name: str,
    texts: Sequence[str],
    centre: Vector | None,
    known: Mapping[str, Vector | None],
    usual: Vector | None,
) -> str | None:
    """The name of the known topic that these sentences belong to, or None.

    Args:
        name: What the new topic would be called.
        texts: Its sentences.
        centre: The mean of their vectors.
        known: Names of known topics, with their vectors.
        usual: Where texts lie on average: models put all of them on one side, so nearness counts from there.
    """
    said = content_words(" ".join(texts))
    best: tuple[float, str] | None = None
    for other, vector in known.items():
        wanted = content_words(other)
        if not wanted:
            continue
        shared = sum(is_among(word, said) for word in sorted(wanted)) / len(wanted)
        called = sum(is_among(word, content_words(name)) for word in sorted(wanted)) / len(wanted)
        near = _nearness(centre, vector, usual)
        fits = (
            (max(called, shared) >= _ALL_WORDS and (len(wanted) > 1 or near >= _SAME_SUBJECT))
            or (shared >= _HALF and near >= _SAME_SUBJECT)
            or (len(wanted) > 1 and near >= _NEAR_TO_FEW.get(len(texts), _NEAR))
        )
        score = shared + called + 4 * near
        if fits and (best is None or score > best[0]):
            best = score, other
    return best[1] if best else None


def _nearness(one: Vector | None, other: Vector | None, usual: Vector | None) -> float:
    """Cosine as seen from where texts usually lie; 0 where that is not known."""
    if one is None or other is None or usual is None or not len(one) == len(other) == len(usual):
        return 0.0
    return cosine(np.subtract(one, usual).tolist(), np.subtract(other, usual).tolist())
