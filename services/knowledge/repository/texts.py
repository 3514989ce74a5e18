"""What search needs of atoms and topics."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from shared.contracts.knowledge import EntityKind, KnowledgeText
from shared.messaging.transaction import Transaction

_ATOMS = """
    SELECT atom.id, atom.title, atom.content AS text, atom.type AS atom_type, atom.status,
        atom.status = 'rejected' OR atom.merged_into IS NOT NULL AS hidden,
        coalesce(cited.last_at, atom.created_at) AS at,
        coalesce(cited.chat_ids, '{}') AS chat_ids, coalesce(cited.author_ids, '{}') AS author_ids,
        ARRAY(SELECT topic_id FROM knowledge.topic_atoms WHERE atom_id = atom.id ORDER BY 1) AS topic_ids
    FROM (SELECT * FROM knowledge.atoms WHERE {which} ORDER BY id LIMIT :limit) AS atom
    LEFT JOIN LATERAL (
        SELECT max(sent_at) AS last_at, array_agg(DISTINCT chat_id) AS chat_ids,
            array_agg(DISTINCT author_id) FILTER (WHERE author_id IS NOT NULL) AS author_ids
        FROM knowledge.atom_sources WHERE atom_id = atom.id
    ) AS cited ON true
    ORDER BY atom.id
"""
_TOPICS = """
    SELECT topic.id, topic.name AS title, topic.description AS text, NULL AS atom_type, topic.status,
        topic.status = 'rejected' OR topic.merged_into IS NOT NULL AS hidden, topic.created_at AS at,
        ARRAY(
            SELECT DISTINCT source.chat_id FROM knowledge.topic_atoms member
                JOIN knowledge.atom_sources source USING (atom_id)
            WHERE member.topic_id = topic.id ORDER BY 1
        ) AS chat_ids,
        CAST('{}' AS bigint[]) AS author_ids, CAST('{}' AS bigint[]) AS topic_ids
    FROM (SELECT * FROM knowledge.topics WHERE {which} ORDER BY id LIMIT :limit) AS topic
    ORDER BY topic.id
"""
_BY_ID, _AFTER = "id = ANY(:ids) AND id > :after_id", "id > :after_id"
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_STATEMENTS = {
    ("atom", True): text(_ATOMS.replace("{which}", _BY_ID)).bindparams(_IDS),
    ("atom", False): text(_ATOMS.replace("{which}", _AFTER)),
    ("topic", True): text(_TOPICS.replace("{which}", _BY_ID)).bindparams(_IDS),
    ("topic", False): text(_TOPICS.replace("{which}", _AFTER)),
}


async def texts_of(
    tx: Transaction, entity: EntityKind, *, ids: Sequence[int] | None, after_id: int, limit: int
) -> list[KnowledgeText]:
    """The texts of these, or of those that come next, in id order."""
    given: dict[str, Any] = {"after_id": after_id, "limit": limit}
    if ids is not None:
        given["ids"] = list(ids)
    return [_text(row) for row in await tx.execute(_STATEMENTS[entity, ids is not None], given)]


def _text(row: Any) -> KnowledgeText:
    digest = hashlib.sha256(f"{row.title}\n{row.text}".encode())
    return KnowledgeText(
        id=row.id,
        title=row.title,
        text=row.text,
        content_hash=digest.hexdigest(),
        at=row.at,
        atom_type=row.atom_type,
        status=row.status,
        topic_ids=row.topic_ids,
        chat_ids=row.chat_ids,
        author_ids=row.author_ids,
        hidden=row.hidden,
    )
