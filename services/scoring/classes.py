"""The value types of scoring: the classes, what is known around a message, a score with its factors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

WEAK_SIGNAL_FROM = 0.3
SIGNAL_FROM = 0.7


class MessageClass(StrEnum):
    """How much a message matters to someone who reads only the digest."""

    NOISE = "noise"
    WEAK_SIGNAL = "weak_signal"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a message. Every field may be left out; what is unknown shifts no score.

    Attributes:
        age_seconds: Age of the message when it is scored; None when unknown.
        author_messages: How many of the author's recent messages were scored (a bounded window).
        author_signals: How many of these were signals.
        author_noise: How many of these were noise.
        topic_similarity: 0..1, association with known topics; None when unknown.
        kind: `text`, or the kind of the media or service message.
        is_reply: Whether it answers another message.
        is_forward: Whether it was forwarded from elsewhere.
    """

    age_seconds: float | None = None
    author_messages: int = 0
    author_signals: int = 0
    author_noise: int = 0
    topic_similarity: float | None = None
    kind: str = "text"
    is_reply: bool = False
    is_forward: bool = False


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for a score.

    Attributes:
        name: What was looked at.
        value: 0..1, how much of it was found.
        weight: How far it can move the score; negative when it lowers it.
        contribution: What it added to the score, before the sum is held within 0..1.
        detail: The counts behind the value.
    """

    name: str
    value: float
    weight: float
    contribution: float
    detail: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The importance of one message, its class, and why."""

    score: float
    message_class: MessageClass
    factors: tuple[Factor, ...]

    def as_json(self) -> dict[str, dict[str, object]]:
        """The factors by name, for the column `noise_factors`."""
        return {
            factor.name: {
                "value": factor.value,
                "weight": factor.weight,
                "contribution": factor.contribution,
                "detail": dict(factor.detail),
            }
            for factor in self.factors
        }


def classify(score: float) -> MessageClass:
    """The class of a score: noise below 0.3, signal from 0.7 on.

    Raises:
        ValueError: The score is not a number within 0..1.
    """
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"A score is a number from 0 to 1, not {score!r}.")
    if score >= SIGNAL_FROM:
        return MessageClass.SIGNAL
    return MessageClass.WEAK_SIGNAL if score >= WEAK_SIGNAL_FROM else MessageClass.NOISE
