"""How important is a message: its score from 0 to 1, its class and the factors behind it."""

import re

from services.scoring.classes import Assessment, Context, Factor, MessageClass, classify
from services.scoring.evidence import gather
from services.scoring.factors import content_factors, context_factors

__all__ = ["SCORER_VERSION", "Assessment", "Context", "Factor", "MessageClass", "assess", "classify"]

SCORER_VERSION = "2026.1"
"""Changes whenever the score of any message could change."""

_NO_CONTEXT = Context()
_PLACEHOLDER = re.compile(r"\s*\[([a-z_ ]{3,20})\]\s*")
_SCORE_OF_MEDIA = {
    "animation": 0.05,
    "audio": 0.2,
    "contact": 0.3,
    "document": 0.35,
    "game": 0.05,
    "location": 0.3,
    "photo": 0.2,
    "poll": 0.35,
    "service": 0.02,
    "sticker": 0.02,
    "unsupported": 0.05,
    "video": 0.2,
    "video_note": 0.2,
    "voice": 0.25,
}
"""What is worth a look although no text says what it holds: a document, a poll, a contact, a place."""

_MOST_WITHOUT_CONTENT = 0.2


def assess(text: str, context: Context = _NO_CONTEXT) -> Assessment:
    """Score one message.

    Args:
        text: The text or caption as it was sent; any Unicode. Only the first 8192 characters are read.
        context: What is known around it; moves the score by at most 0.05.

    Returns:
        The score, rounded to four places, its class, and the factors in a fixed order.
    """
    if (media := _media_without_text(text, context.kind)) is not None:
        return _of_media(media)
    evidence = gather(text)
    factors = content_factors(evidence) + context_factors(context)
    score = sum(factor.contribution for factor in factors)
    if not evidence.informative and not evidence.hints:
        score = min(score, _MOST_WITHOUT_CONTENT)
    return _assessment(score, factors)


def _media_without_text(text: str, kind: str) -> str | None:
    if kind == "service":
        return kind
    if not text.startswith("[") and text:
        return None
    placeholder = _PLACEHOLDER.fullmatch(text)
    if placeholder and placeholder[1] in _SCORE_OF_MEDIA:
        return placeholder[1]
    return kind if kind in _SCORE_OF_MEDIA and (placeholder or not text) else None


def _of_media(kind: str) -> Assessment:
    score = _SCORE_OF_MEDIA[kind]
    return _assessment(score, (Factor("media", score, 1.0, score, {"kind": kind}),))


def _assessment(score: float, factors: tuple[Factor, ...]) -> Assessment:
    score = round(min(1.0, max(0.0, score)), 4)
    return Assessment(score, classify(score), factors)
