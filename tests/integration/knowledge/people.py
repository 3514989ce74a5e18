"""What people do to knowledge, in a word each; and what knowledge says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.knowledge.repository.atoms import lock_atoms
from services.knowledge.repository.topics import lock_topics
from services.knowledge.repository.versions import add_version
from services.knowledge.reviews import atoms, decisions, topics
from shared.contracts.atoms import AtomRecord, CreateAtom, GetAtom, ReviewAtom, SupersedeAtom
from shared.contracts.errors import ErrorBody, QueryError
from shared.contracts.ingestion import AuthorRecord, ChatRecord, GetMessages, MessageRecord
from shared.contracts.knowledge import EntityKind, ReviewStatus
from shared.contracts.revisions import FieldChange, VersionRecord
from shared.contracts.topics import CreateTopic, GetTopic, TopicRecord
from shared.messaging.transaction import transaction

SENT = datetime(2026, 10, 5, 6, 6, 37, tzinfo=UTC)
CHAT = ChatRecord(id=1, ids=[1], telegram_id=-1001, type="supergroup", title="Backend")
WORDS = "Вирішили: переносимо реліз на четвер, бо міграція довша"


def message(number: int, words: str = WORDS) -> MessageRecord:
    return MessageRecord(
        id=number,
        chat=CHAT,
        telegram_message_id=number * 10,
        author=AuthorRecord(user_id=3, chat_id=None, name="Олена Коваль"),
        kind="text",
        text=words,
        has_text=True,
        content_hash=f"{number:08x}",
        sent_at=SENT + timedelta(minutes=number),
    )


async def find_messages(query: GetMessages) -> list[MessageRecord]:
    """What ingestion answers: every message up to 1000 is there."""
    return [message(number) for number in sorted(query.message_ids) if number <= 1000]


async def topic(name: str, **fields: Any) -> TopicRecord:
    """Make a topic."""
    return await topics.create_topic(CreateTopic(name=name, by="Олена", **fields))


async def topic_now(topic_id: int) -> TopicRecord:
    """A topic as it stands."""
    return await topics.find_topic(GetTopic(topic_id=topic_id))


async def atom(title: str = "Реліз у четвер", **fields: Any) -> AtomRecord:
    """Make an atom, a decision of message 1 unless something else is said."""
    given: dict[str, Any] = {
        "type": "decision",
        "title": title,
        "content": f"{title}, бо так вирішили",
        "by": "Олена",
        "quotes": [(1, "переносимо реліз на четвер")],
    }
    return await atoms.create_atom(CreateAtom(**(given | fields)))


async def atom_now(atom_id: int) -> AtomRecord:
    """An atom as it stands."""
    return await atoms.find_atom(GetAtom(atom_id=atom_id))


async def reviewed(atom_id: int, status: ReviewStatus, by: str = "Петро") -> AtomRecord:
    """Review an atom."""
    return await decisions.review_atom(ReviewAtom(atom_id=atom_id, status=status, by=by))


async def superseded(atom_id: int, later: int | None) -> AtomRecord:
    """Say that a later decision replaces this one; None takes it back."""
    return await decisions.supersede_atom(SupersedeAtom(atom_id=atom_id, superseded_by=later, by="Петро"))


async def draft(
    entity: EntityKind, entity_id: int, *changes: tuple[str, Any, Any], **fields: Any
) -> VersionRecord:
    """Write a draft, as an extraction does."""
    async with transaction() as tx:
        await (lock_topics if entity == "topic" else lock_atoms)(tx, [entity_id])
        made = [FieldChange(field=field, before=before, after=after) for field, before, after in changes]
        return await add_version(tx, entity, entity_id, made, **fields)


async def refused(asked: Any) -> ErrorBody:
    """With what something is refused."""
    with pytest.raises(QueryError) as caught:
        await asked
    return caught.value.body


async def rows(statement: str) -> list[Any]:
    """What the database says."""
    async with transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement))]


async def said(kind: str) -> list[Any]:
    """The payloads in the outbox whose subject or actor has this in it, in order."""
    found = await rows("SELECT subject, convert_from(payload, 'UTF8') FROM knowledge.outbox ORDER BY id")
    return [payload for subject, payload in found if kind in subject or kind in payload]
