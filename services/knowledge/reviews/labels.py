"""What knowledge answers about labels: which topic messages are of."""

from collections import defaultdict
from collections.abc import Mapping

from services.knowledge.again import again_after_deadlock
from services.knowledge.repository.changes import add_changes
from services.knowledge.repository.labels import (
    give_labels,
    given_topics,
    labels_of,
    list_labels,
    take_labels_back,
)
from services.knowledge.repository.topics import lock_living_topics
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages
from shared.contracts.topics import LabelMessages, LabelPage, LabelRecord, ListLabels
from shared.messaging.queries import ask
from shared.messaging.transaction import Transaction, transaction


@again_after_deadlock
async def label_messages(query: LabelMessages) -> list[LabelRecord]:
    """Keep which topic messages are of, or that a person says it no more; a second time nothing changes.

    Returns:
        The labels that these messages then have: one that is taken back may leave a confirmed one.
    """
    message_ids = sorted(set(query.message_ids))
    if query.topic_id is not None:
        await _refuse_unknown(message_ids)
    async with transaction() as tx:
        if query.topic_id is not None:
            await _lock_topic(tx, query.topic_id)
        before = await given_topics(tx, message_ids)
        changed = [each for each in message_ids if before.get(each) != query.topic_id]
        if query.topic_id is None:
            await take_labels_back(tx, changed)
        elif changed:
            await give_labels(tx, changed, query.topic_id, query.by)
        await _log(tx, query, changed, before)
        return await labels_of(tx, message_ids)


async def page_of_labels(query: ListLabels) -> LabelPage:
    """Labels, given or confirmed, in the order of their messages' ids."""
    async with transaction() as tx:
        found = await list_labels(
            tx, topic_ids=query.topic_ids, after_id=query.after_id, most=query.limit + 1
        )
    page = found[: query.limit]
    return LabelPage(items=page, next_after_id=page[-1].message_id if len(found) > query.limit else None)


async def _refuse_unknown(message_ids: list[int]) -> None:
    known = {message.id for message in await ask(GetMessages(message_ids=message_ids))}
    missing = [each for each in message_ids if each not in known]
    if missing:
        raise QueryError("invalid", f"There is no message {missing[0]}.", field="message_ids")


async def _lock_topic(tx: Transaction, topic_id: int) -> None:
    topic = (await lock_living_topics(tx, [topic_id], fields={topic_id: "topic_id"}))[topic_id]
    if topic.status == "rejected":
        raise QueryError(
            "conflict", f"Topic {topic_id} was rejected: approve it first, or name another.", field="topic_id"
        )


async def _log(tx: Transaction, query: LabelMessages, changed: list[int], before: Mapping[int, int]) -> None:
    left = defaultdict(list)
    for message_id in changed:
        if message_id in before:
            left[before[message_id]].append(message_id)
    for topic_id, message_ids in sorted(left.items()):
        details = {"message_ids": message_ids}
        await add_changes(tx, "topic", [topic_id], "unlabelled", by=query.by, details=details)
    if changed and query.topic_id is not None:
        details = {"message_ids": changed}
        await add_changes(tx, "topic", [query.topic_id], "labelled", by=query.by, details=details)
