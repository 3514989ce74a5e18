"""Saving topics: those that atoms need and nobody has yet."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from services.knowledge.announcing import refresh_search
from services.knowledge.matching import Plan
from services.knowledge.repository.saving import make_topic
from services.knowledge.rules import decide
from services.knowledge.saving.work import OutdatedError, Work
from services.knowledge.topic_plans import TopicPlan
from services.knowledge.verification import SURE_TOPIC
from shared.contracts.knowledge import EntityChanged

_COLOURS = (
    "#0e7490", "#15803d", "#1d4ed8", "#4d7c0f", "#6d28d9", "#7e22ce",
    "#9d174d", "#a16207", "#b45309", "#b91c1c", "#be185d", "#c2410c",
)  # fmt: skip


async def save_topics(work: Work, plan: Plan) -> Mapping[str, int | None]:
    """Make the topics that new atoms are of, where they are not known.

    Returns:
        The ids of topics by the names that they were found under; None for those whose atoms go without.

    Raises:
        OutdatedError: Somebody has made a topic of one of the names at this moment.
    """
    needed = {atom.found.topic for atom in plan.atoms if atom.same is None}
    ids: dict[str, int | None] = {}
    for topic in plan.topics:
        name = topic.found.name
        if topic.known is not None:
            ids[name] = topic.known.id
            work.counts["topics_matched"] += 1
        elif topic.is_rejected or name not in needed:
            ids[name] = None
        else:
            ids[name] = await _make(work, topic)
    return ids


async def _make(work: Work, plan: TopicPlan) -> int:
    """A topic is approved when it is sure enough, or when a rule says so; otherwise a person has to look."""
    found = plan.found
    rule = (
        None if found.confidence >= SURE_TOPIC else decide(work.rules, "topic", confidence=found.confidence)
    )
    topic_id = await make_topic(
        work.tx,
        name=found.name,
        description=found.description,
        icon=found.icon,
        colour=_colour(found.name),
        status="approved" if found.confidence >= SURE_TOPIC or rule is not None else "needs_review",
        confidence=found.confidence,
        run_id=work.run.id,
        rule_id=rule.id if rule is not None else None,
        reviewed_at=datetime.now(UTC) if rule is not None else None,
    )
    if topic_id is None:
        raise OutdatedError
    work.counts["topics_created"] += 1
    work.tx.publish(EntityChanged(entity="topic", entity_id=topic_id, change="created"))
    refresh_search(work.tx, "topic", [topic_id])
    return topic_id


def _colour(name: str) -> str:
    """A colour of the topic's own, the same whenever it is made."""
    return _COLOURS[hashlib.sha256(name.casefold().encode()).digest()[0] % len(_COLOURS)]
