"""The factors of a score: five of content, which decide, and the context, which only shifts.

The content factors are measured over the words that carry content: a message of greetings, acknowledgements
and emoji has none of these, and so scores near zero whatever its length.
"""

from math import exp, exp2, isfinite

from services.scoring.classes import Context, Factor
from services.scoring.evidence import Evidence

LENGTH_WEIGHT = 0.12
UNIQUENESS_WEIGHT = 0.05
DENSITY_WEIGHT = 0.10
SUBSTANCE_WEIGHT = 0.73
SMALL_TALK_WEIGHT = -0.45

CONTEXT_REACH = 0.05
"""The furthest that everything known around a message can move its score, up or down."""

_LENGTH_SCALE = 9.0
_SHORT = 4
_FIRM_PAIR = 0.35
_CHECKABLE = 0.5
_PRIOR_MESSAGES = 10.0
_HALF_LIFE_SECONDS = 7 * 86_400.0


def _saturate(amount: float) -> float:
    return 1.0 - exp(-amount)


def substance(evidence: Evidence) -> float:
    """0..1: whether something is said of something, and how checkably.

    A subject, a predicate or specifics alone are a hint; each pair of them says far more than its parts.
    What is only meant (a link, a status, a vague or open question) never makes a signal.
    """
    subject = _saturate(evidence.subject)
    predicate = _saturate(evidence.predicate)
    specifics = _saturate(evidence.specifics)
    pair = subject * predicate
    if evidence.vague or (evidence.question and evidence.informative <= _SHORT and specifics < _CHECKABLE):
        pair *= 0.5
    firm = 0.35 * subject + 0.35 * predicate + 0.12 * specifics + pair
    firm += 0.65 * max(subject, predicate) * specifics
    meant = 0.5 * _saturate(3.0 * evidence.hints)
    told = min(1.0, max(firm, meant) + 0.25 * min(firm, meant))
    if evidence.phatic > max(1, evidence.distinct) and not evidence.specifics and pair < _FIRM_PAIR:
        told *= 0.6
    return told


def content_factors(evidence: Evidence) -> tuple[Factor, ...]:
    """Length, uniqueness, density, substance and small talk of what a message holds."""
    informative = evidence.informative
    length = _saturate((informative + 0.2 * (evidence.words - informative)) / _LENGTH_SCALE)
    uniqueness = evidence.distinct / informative if informative else 0.0
    density = informative / evidence.words if evidence.words else 0.0
    light = evidence.small_talk + 0.5 * evidence.laughs
    chatter = light / (evidence.distinct + 0.5 * evidence.laughs) if light else 0.0
    return (
        _factor("length", length, LENGTH_WEIGHT, words=evidence.words, informative=informative),
        _factor("uniqueness", min(1.0, uniqueness), UNIQUENESS_WEIGHT, distinct=evidence.distinct),
        _factor("density", density, DENSITY_WEIGHT),
        _factor(
            "substance",
            substance(evidence),
            SUBSTANCE_WEIGHT,
            subject=round(evidence.subject, 2),
            predicate=round(evidence.predicate, 2),
            specifics=round(evidence.specifics, 2),
            hints=round(evidence.hints, 2),
        ),
        _factor(
            "small_talk",
            min(1.0, chatter),
            SMALL_TALK_WEIGHT,
            words=evidence.small_talk,
            laughs=evidence.laughs,
        ),
    )


def _factor(name: str, value: float, weight: float, **detail: float) -> Factor:
    return Factor(name, round(value, 4), weight, round(value * weight, 4), detail)


def context_factors(context: Context) -> tuple[Factor, ...]:
    """Author activity, temporal relevance, topic association and place in the conversation.

    Each value is 0..1, 0.5 for what is unknown; together they add at most `CONTEXT_REACH` either way.
    """
    return (
        _shift("author_activity", _author_activity(context), 0.03),
        _shift("temporal_relevance", _freshness(context.age_seconds), 0.03),
        _shift("topic_association", _within(context.topic_similarity), 0.03),
        _shift("conversation", 0.5 + 0.5 * context.is_reply - 0.5 * context.is_forward, 0.01),
    )


def _shift(name: str, value: float, weight: float) -> Factor:
    return Factor(name, round(value, 4), weight, round((value - 0.5) * weight, 4))


def _within(value: float | None) -> float:
    return 0.5 if value is None or not isfinite(value) else min(1.0, max(0.0, value))


def _author_activity(context: Context) -> float:
    """The author's share of signals (a weak one counts half), drawn to 0.5 while few messages are known."""
    signals, noise = max(0, context.author_signals), max(0, context.author_noise)
    messages = max(context.author_messages, signals + noise)
    weak = messages - signals - noise
    return (signals + 0.5 * weak + 0.5 * _PRIOR_MESSAGES) / (messages + _PRIOR_MESSAGES)


def _freshness(age_seconds: float | None) -> float:
    """Halves every seven days; a message of that age is neutral."""
    if age_seconds is None or not isfinite(age_seconds):
        return 0.5
    return exp2(-max(0.0, age_seconds) / _HALF_LIFE_SECONDS)
