"""What knowledge answers about topics."""

import msgspec

from services.knowledge.again import again_after_deadlock
from services.knowledge.announcing import announce
from services.knowledge.changing import check_version, edit
from services.knowledge.given import one_line
from services.knowledge.paging import cut
from services.knowledge.repository.topic_records import list_topics, topic_record
from services.knowledge.repository.topics import insert_topic, keep_topic_review, lock_living_topics
from shared.contracts.topics import (
    CreateTopic,
    EditTopic,
    GetTopic,
    ListTopics,
    ReviewTopic,
    TopicPage,
    TopicRecord,
)
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.llm.wording import clean
from shared.messaging.transaction import transaction


async def page_of_topics(query: ListTopics) -> TopicPage:
    """Topics, latest change first."""
    after = read_cursor(query.cursor, TimeAndId)
    async with transaction() as tx:
        found = await list_topics(tx, query, after)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndId(page[-1].updated_at, page[-1].id)) if more else None
    return TopicPage(items=page, next_cursor=cursor)


async def find_topic(query: GetTopic) -> TopicRecord:
    """One topic, also one that was merged away."""
    async with transaction() as tx:
        return await topic_record(tx, query.topic_id)


@again_after_deadlock
async def create_topic(query: CreateTopic) -> TopicRecord:
    """Make a topic of a person's, which is approved from the start."""
    topic = msgspec.structs.replace(
        query,
        name=one_line(query.name, "name"),
        description=clean(query.description),
        icon=one_line(query.icon, "icon"),
    )
    async with transaction() as tx:
        topic_id = await insert_topic(tx, topic)
        await announce(tx, "topic", [topic_id], "created", by=query.by)
        return await topic_record(tx, topic_id)


@again_after_deadlock
async def edit_topic(query: EditTopic) -> TopicRecord:
    """Let a person's change hold at once; asked a second time it changes nothing."""
    after = {
        name: value
        for name in ("name", "description", "icon", "colour")
        if (value := getattr(query, name)) is not msgspec.UNSET
    }
    for line in after.keys() & {"name", "icon"}:
        after[line] = one_line(after[line], line)
    if "description" in after:
        after["description"] = clean(after["description"])
    async with transaction() as tx:
        topics = await lock_living_topics(tx, [query.topic_id])
        check_version("topic", topics[query.topic_id], query.version)
        await edit(tx, "topic", topics[query.topic_id], after, by=query.by)
        return await topic_record(tx, query.topic_id)


@again_after_deadlock
async def review_topic(query: ReviewTopic) -> TopicRecord:
    """Keep a person's decision about a topic; asked a second time it changes nothing."""
    async with transaction() as tx:
        topic = (await lock_living_topics(tx, [query.topic_id]))[query.topic_id]
        if topic.status != query.status or topic.reviewed_by is None:
            await keep_topic_review(tx, query.topic_id, query.status, query.by)
            details = {"status": query.status, "was": topic.status}
            await announce(tx, "topic", [query.topic_id], "reviewed", by=query.by, details=details)
        return await topic_record(tx, query.topic_id)
