"""What is known already: topics by name, topics and atoms by id, the latest, and by words."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import BigInteger, Row, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.knowledge.known import KnownAtom, KnownTopic, Near, Seen
from shared.contracts.knowledge import AtomType, EntityKind
from shared.messaging.transaction import Transaction

_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_TYPES = bindparam("types", type_=ARRAY(Text))
_LEAST_WORDS = 0.2
_LATEST_SOURCES = 500
_LATEST_BY_WORDS = 5000
"""Trigrams of a million take seconds a text, and a conversation has dozens of texts."""

_TOPICS = text(
    """
    SELECT id, name, description, status FROM knowledge.topics
    WHERE id = ANY(:ids) AND merged_into IS NULL AND status <> 'rejected' ORDER BY id
    """
).bindparams(_IDS)
_TOPICS_BY_NAME = text(
    """
    WITH RECURSIVE named AS (
        SELECT topic.id, wanted.name AS wanted, topic.merged_into, topic.id AS first_id
        FROM unnest(:names) AS wanted (name)
            JOIN knowledge.topics topic ON lower(topic.name) = lower(wanted.name)
        UNION ALL
        SELECT topic.id, named.wanted, topic.merged_into, named.first_id
        FROM named JOIN knowledge.topics topic ON topic.id = named.merged_into
    )
    SELECT DISTINCT ON (named.wanted) named.wanted, topic.id, topic.name, topic.description, topic.status
    FROM named JOIN knowledge.topics topic ON topic.id = named.id
    WHERE named.merged_into IS NULL
    ORDER BY named.wanted, named.id <> named.first_id, topic.id
    """
).bindparams(bindparam("names", type_=ARRAY(Text)))
_ATOM_COLUMNS = """
    SELECT atom.id, atom.type, atom.title, atom.content, atom.status,
        coalesce((SELECT max(sent_at) FROM knowledge.atom_sources WHERE atom_id = atom.id), atom.created_at)
            AS said_at
    FROM knowledge.atoms atom WHERE atom.merged_into IS NULL AND atom.status <> 'rejected'
"""
_ATOMS = text(_ATOM_COLUMNS + " AND atom.id = ANY(:ids) ORDER BY atom.id").bindparams(_IDS)
_LATEST_ATOMS = text(
    _ATOM_COLUMNS + " AND atom.type = ANY(:types) AND atom.created_at > now() - CAST(:age AS interval)"
    " ORDER BY atom.created_at DESC, atom.id DESC LIMIT :most"
).bindparams(_TYPES)
_LATEST_TOPICS = text(
    """
    SELECT id, name, description, status FROM knowledge.topics
    WHERE merged_into IS NULL AND status <> 'rejected' AND created_at > now() - CAST(:age AS interval)
    ORDER BY id DESC LIMIT :most
    """
)
_TOPICS_OF_CHAT = text(
    """
    SELECT topic.id, topic.name FROM knowledge.topics topic JOIN (
        SELECT member.topic_id, max(source.sent_at) AS last_at FROM (
            SELECT atom_id, sent_at FROM knowledge.atom_sources WHERE chat_id = :chat_id
            ORDER BY sent_at DESC LIMIT :looked_at
        ) AS source JOIN knowledge.topic_atoms member USING (atom_id)
        GROUP BY member.topic_id ORDER BY last_at DESC LIMIT :most
    ) AS recent ON recent.topic_id = topic.id
    WHERE topic.merged_into IS NULL AND topic.status <> 'rejected' ORDER BY recent.last_at DESC, topic.id
    """
)
_WORDS = {
    "topic": text(
        """
        SELECT id, similarity(lower(name || ' ' || description), lower(:text)) AS similarity
        FROM (
            SELECT id, name, description FROM knowledge.topics
            WHERE merged_into IS NULL AND status <> 'rejected' ORDER BY id DESC LIMIT :looked_at
        ) AS topic
        ORDER BY similarity DESC, id LIMIT :most
        """
    ),
    "atom": text(
        """
        SELECT id, similarity(lower(title || ' ' || content), lower(:text)) AS similarity
        FROM (
            SELECT id, title, content FROM knowledge.atoms
            WHERE merged_into IS NULL AND status <> 'rejected' AND type = ANY(:types)
            ORDER BY created_at DESC, id DESC LIMIT :looked_at
        ) AS atom
        ORDER BY similarity DESC, id LIMIT :most
        """
    ).bindparams(_TYPES),
}
_SEEN = text(
    """
    SELECT
        coalesce((
            SELECT id FROM knowledge.topics WHERE run_id IS NOT NULL ORDER BY id DESC LIMIT 1
        ), 0) AS topic_id,
        coalesce((
            SELECT id FROM knowledge.atoms WHERE run_id IS NOT NULL ORDER BY id DESC LIMIT 1
        ), 0) AS atom_id
    """
)
_NEWER = text(
    """
    SELECT EXISTS (SELECT FROM knowledge.topics WHERE id > :topic_id AND run_id IS NOT NULL)
        OR EXISTS (SELECT FROM knowledge.atoms WHERE id > :atom_id AND run_id IS NOT NULL)
    """
)


async def what_is_seen(tx: Transaction) -> Seen:
    """How far whoever reads now sees of what extractions made.

    They save one after the other, so that their ids become visible in order. What people make is left out:
    its id may be higher than one that an extraction has taken and not committed yet.
    """
    row = (await tx.execute(_SEEN)).one()
    return Seen(row.topic_id, row.atom_id)


async def is_there_more(tx: Transaction, seen: Seen) -> bool:
    """Whether extractions have made topics or atoms since."""
    given = {"topic_id": seen.topic_id, "atom_id": seen.atom_id}
    return bool((await tx.execute(_NEWER, given)).scalar_one())


async def topics_by_id(tx: Transaction, ids: Collection[int]) -> dict[int, KnownTopic]:
    """Topics that stand: merged and rejected ones are left out."""
    return {row.id: _topic(row) for row in await tx.execute(_TOPICS, {"ids": sorted(ids)})}


async def topics_by_name(tx: Transaction, names: Collection[str]) -> dict[str, KnownTopic]:
    """Topics by the names asked for, whatever their case; for a merged one the topic that has it now.

    Rejected ones are among them. What is the same name is the database's to say, whose index holds it unique.
    """
    rows = await tx.execute(_TOPICS_BY_NAME, {"names": sorted(set(names))})
    return {row.wanted: _topic(row) for row in rows}


async def atoms_by_id(tx: Transaction, ids: Collection[int]) -> dict[int, KnownAtom]:
    """Atoms that stand: merged and rejected ones are left out."""
    return {row.id: _atom(row) for row in await tx.execute(_ATOMS, {"ids": sorted(ids)})}


async def latest_atoms(
    tx: Transaction, types: Sequence[AtomType], *, age: timedelta, most: int
) -> list[KnownAtom]:
    """The atoms of some types that were made last."""
    rows = await tx.execute(_LATEST_ATOMS, {"types": list(types), "age": age, "most": most})
    return [_atom(row) for row in rows]


async def latest_topics(tx: Transaction, *, age: timedelta, most: int) -> list[KnownTopic]:
    """The topics that were made last."""
    return [_topic(row) for row in await tx.execute(_LATEST_TOPICS, {"age": age, "most": most})]


async def topics_of_chat(tx: Transaction, chat_id: int, most: int) -> list[tuple[int, str]]:
    """Ids and names of the topics that a chat spoke of last."""
    given = {"chat_id": chat_id, "most": most, "looked_at": _LATEST_SOURCES}
    rows = await tx.execute(_TOPICS_OF_CHAT, given)
    return [(row.id, row.name) for row in rows]


async def near_by_words(
    tx: Transaction, entity: EntityKind, wanted: str, types: Sequence[AtomType], most: int
) -> list[Near]:
    """Of the latest topics or atoms those that share the most trigrams with a text, for want of vectors."""
    given = {"text": wanted, "most": most, "looked_at": _LATEST_BY_WORDS}
    if entity == "atom":
        given["types"] = list(types)
    rows = await tx.execute(_WORDS[entity], given)
    return [Near(row.id, float(row.similarity)) for row in rows if row.similarity >= _LEAST_WORDS]


def _topic(row: Row[tuple[object, ...]]) -> KnownTopic:
    return KnownTopic(row.id, row.name, row.description, row.status)


def _atom(row: Row[tuple[object, ...]]) -> KnownAtom:
    return KnownAtom(row.id, row.type, row.title, row.content, row.status, row.said_at)
