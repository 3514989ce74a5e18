"""What an experiment is made of: labels, the topics among which to choose, and the messages' texts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from services.analysis.experiments.labelled import Gathered, LabelledMessage
from services.analysis.experiments.spreading import spread
from shared.contracts.errors import QueryError
from shared.contracts.experiments import SnapshotTopic
from shared.contracts.knowledge import GetKnowledgeTexts
from shared.contracts.topics import ListLabels, ListTopics
from shared.messaging.messages import texts_of
from shared.messaging.queries import ask

MOST_TOPICS = 200
"""Among which a message's topic is looked for."""

_MOST_LABELS = 50_000
_LONGEST_DESCRIPTION = 500
_LONGEST_TEXT = 8000
_PATIENCE = 15.0
_HOW = "Label messages with PUT /api/v1/messages/labels, or approve topics whose atoms quote them"


async def gather(most: int) -> Gathered:
    """Labelled messages, at most so many, spread over their topics; and all topics that come into question.

    These are the labelled ones, and those approved beside them: a model that takes a message for another
    topic of the team's is to be found out.

    Raises:
        QueryError: `conflict`, saying what to do, when there is too little to measure; `unavailable`.
    """
    labels = await _labels()
    most_labelled = [topic_id for topic_id, _ in Counter(labels.values()).most_common(MOST_TOPICS)]
    topics = {topic.id: topic for topic in await _labelled_topics(most_labelled)} if labels else {}
    messages = await _with_texts(labels, topics, most)
    _refuse_too_little(messages)
    topics |= {topic.id: topic for topic in await _approved_topics() if topic.id not in topics}
    return Gathered(
        topics=sorted(islice(topics.values(), MOST_TOPICS), key=lambda topic: (topic.name.lower(), topic.id)),
        messages=sorted(messages, key=lambda message: message.message_id),
    )


def _refuse_too_little(messages: Sequence[LabelledMessage]) -> None:
    labelled = {message.topic_id for message in messages}
    if not labelled:
        raise QueryError("conflict", f"No message with a text is labelled with a topic. {_HOW}.")
    if len(labelled) == 1:
        raise QueryError(
            "conflict", f"All labelled messages are of one topic, so there is nothing to tell apart. {_HOW}."
        )


async def _labels() -> dict[int, int]:
    """Topics by their messages' ids."""
    found: dict[int, int] = {}
    after: int | None = 0
    while after is not None and len(found) < _MOST_LABELS:
        page = await ask(ListLabels(after_id=after), timeout=_PATIENCE)
        found |= {label.message_id: label.topic_id for label in page.items}
        after = page.next_after_id
    return found


async def _with_texts(
    labels: Mapping[int, int], topic_ids: Iterable[int], most: int
) -> list[LabelledMessage]:
    """The first ones that have a text, in the order in which topics take turns."""
    taken: list[LabelledMessage] = []
    turns = spread(labels, topic_ids)
    while len(taken) < most and (asked := list(islice(turns, most - len(taken)))):
        texts = {each.id: each.text for each in await texts_of(asked) if each.has_text}
        taken += [
            LabelledMessage(message_id, labels[message_id], texts[message_id][:_LONGEST_TEXT])
            for message_id in asked
            if message_id in texts
        ]
    return taken


async def _labelled_topics(topic_ids: list[int]) -> list[SnapshotTopic]:
    found: list[SnapshotTopic] = []
    after: int | None = 0
    while after is not None:
        asked = GetKnowledgeTexts(entity="topic", ids=topic_ids, after_id=after)
        page = await ask(asked, timeout=_PATIENCE)
        found += [_topic(each.id, each.title, each.text) for each in page.items if not each.hidden]
        after = page.next_after_id
    return found


async def _approved_topics() -> list[SnapshotTopic]:
    """The latest ones, of one page: what does not fit into a snapshot is not asked for."""
    page = await ask(ListTopics(status="approved", limit=MOST_TOPICS), timeout=_PATIENCE)
    return [_topic(each.id, each.name, each.description) for each in page.items]


def _topic(topic_id: int, name: str, description: str) -> SnapshotTopic:
    return SnapshotTopic(id=topic_id, name=name, description=description[:_LONGEST_DESCRIPTION])
