"""Which of the known topics a new one is."""

from collections.abc import Mapping, Sequence

from services.knowledge.local.content import content_words, is_among
from services.knowledge.local.vectors import Vector, cosine

_ALL_WORDS = 0.99
_HALF = 0.5
_NEARER_THAN_OTHERS = 0.02
_VERY_NEAR = 0.05


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
        usual: The mean vector of the whole conversation: what is near to that is near to everything.
    """
    said = content_words(" ".join(texts))
    best: tuple[float, str] | None = None
    for other, vector in known.items():
        wanted = content_words(other)
        if not wanted:
            continue
        shared = sum(is_among(word, said) for word in sorted(wanted)) / len(wanted)
        called = sum(is_among(word, content_words(name)) for word in sorted(wanted)) / len(wanted)
        nearer = 0.0
        if centre is not None and vector is not None and usual is not None:
            nearer = cosine(centre, vector) - cosine(usual, vector)
        fits = (
            called >= _ALL_WORDS
            or shared >= _ALL_WORDS
            or (shared >= _HALF and nearer >= _NEARER_THAN_OTHERS)
            or nearer >= _VERY_NEAR
        )
        score = shared + called + 20 * nearer
        if fits and (best is None or score > best[0]):
            best = score, other
    return best[1] if best else None
