"""What is to become of found topics: new, or one that is known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.comparing import SURE_ENOUGH, change_of, pairs_of
from services.knowledge.known import KnownTopic, Near
from services.knowledge.matches import TopicMatches, TopicsToMatch, TopicText
from services.knowledge.verification import FoundTopic


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A found topic.

    Attributes:
        known: The topic that it is; None for a new one.
        is_rejected: A person rejected a topic of this name: its atoms go without.
        description: What the known topic's description should become; None when it stays.
        confidence: Of the change; `similarity` of what suggested it.
    """

    found: FoundTopic
    known: KnownTopic | None = None
    is_rejected: bool = False
    description: str | None = None
    confidence: float = 1.0
    similarity: float | None = None


def topic_question(
    found: Sequence[FoundTopic], near: Sequence[Sequence[Near]], known: Mapping[int, KnownTopic]
) -> tuple[TopicsToMatch, list[int]]:
    """Ask about found topics and the known ones near to them.

    Returns:
        The question, and the ids of the known topics by their numbers from 1.
    """
    ids = sorted({each.id for neighbours in near for each in neighbours if each.id in known})
    numbers = {topic_id: number for number, topic_id in enumerate(ids, start=1)}
    question = TopicsToMatch(
        found=[
            TopicText(number=number, name=topic.name, description=topic.description)
            for number, (topic, neighbours) in enumerate(zip(found, near, strict=True), start=1)
            if any(each.id in numbers for each in neighbours)
        ],
        known=[
            TopicText(number=numbers[each], name=known[each].name, description=known[each].description)
            for each in ids
        ],
        pairs=pairs_of(near, numbers),
    )
    return question, ids


def topic_plans(
    found: Sequence[FoundTopic],
    question: TopicsToMatch,
    answer: TopicMatches,
    known: Mapping[int, KnownTopic],
    ids: Sequence[int],
) -> list[TopicPlan]:
    """What becomes of found topics by an answer; only what was asked can be answered, once each."""
    pairs = {(pair.found, pair.known): pair.similarity for pair in question.pairs}
    plans = [TopicPlan(topic) for topic in found]
    for match in answer.matches:
        similarity = pairs.get((match.found, match.known or 0))
        if similarity is None or match.confidence < SURE_ENOUGH or plans[match.found - 1].known is not None:
            continue
        topic = known[ids[(match.known or 0) - 1]]
        plans[match.found - 1] = TopicPlan(
            found[match.found - 1],
            known=topic,
            description=change_of(match.description, topic.description),
            confidence=match.confidence,
            similarity=similarity,
        )
    return plans
