"""What is asked about one message and what is answered, and what of an answer holds. Pure.

Topics are numbered from 1 within the question: an answer can name only what it was given. What is too long
is cut when it is read, as a paid answer is not to be lost for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.contracts.experiments import Alternative, SnapshotTopic

Confidence = Annotated[float, Meta(ge=0, le=1)]

MOST_ALTERNATIVES = 3
LONGEST_REASONING = 1000


class NumberedTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic, with its number within this question, from 1."""

    number: int
    name: str
    description: str


class MessageToClassify(msgspec.Struct, frozen=True, kw_only=True):
    """A message, and the topics among which its own is looked for."""

    topics: list[NumberedTopic]
    message: str


class OtherTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another topic that the message could be of.

    Attributes:
        topic: Its number.
    """

    topic: int
    confidence: Confidence


class TopicOfMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which topic the message is of.

    Attributes:
        reasoning: Why, in one sentence.
        topic: The topic's number; null when it is none of them.
        confidence: That this is right.
        alternatives: At most three others that came into question, the likeliest first.
    """

    reasoning: str
    topic: int | None
    confidence: Confidence
    alternatives: list[OtherTopic]


@dataclass(frozen=True, slots=True)
class Classified:
    """What one message was said to be of.

    Attributes:
        topic_id: None when it is of no topic of the snapshot.
        confidence: 0..1; 0 without a topic.
    """

    topic_id: int | None
    confidence: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    reasoning: str = ""


def numbered(topics: Sequence[SnapshotTopic]) -> list[NumberedTopic]:
    """Topics as a question has them, numbered in their order."""
    return [
        NumberedTopic(number=number, name=topic.name, description=topic.description)
        for number, topic in enumerate(topics, start=1)
    ]


def read(answer: TopicOfMessage, topics: Sequence[SnapshotTopic]) -> Classified:
    """What of an answer holds: numbers that were not given are no topics.

    Args:
        answer: As the model gave it.
        topics: Those of the question, in its order.
    """
    reasoning = " ".join(answer.reasoning.replace("\x00", "").split())[:LONGEST_REASONING]
    topic_id = _id_of(answer.topic, topics)
    others: dict[int, float] = {}
    for each in answer.alternatives:
        other_id = _id_of(each.topic, topics)
        if other_id is not None and other_id != topic_id:
            others.setdefault(other_id, each.confidence)
    ranked = sorted(others.items(), key=lambda item: -item[1])[:MOST_ALTERNATIVES]
    return Classified(
        topic_id=topic_id,
        confidence=answer.confidence if topic_id is not None else 0.0,
        alternatives=tuple(Alternative(topic_id=other, confidence=sure) for other, sure in ranked),
        reasoning=reasoning,
    )


def _id_of(number: int | None, topics: Sequence[SnapshotTopic]) -> int | None:
    return topics[number - 1].id if number is not None and 1 <= number <= len(topics) else None
