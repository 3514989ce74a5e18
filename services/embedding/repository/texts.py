"""Texts: taken in, found again, and which of them want a vector."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from services.embedding.folding import fold
from services.embedding.repository.sources import statement
from shared.contracts.embedding import ItemKind, ScoredText
from shared.contracts.knowledge import EntityKind, KnowledgeText
from shared.messaging.transaction import Transaction


class EmbeddableText(NamedTuple):
    """What is embedded of an item, and whether it ought to be."""

    id: int
    text: str
    content_hash: str
    wanted: bool


_KEEP_MESSAGES = text(
    """
    INSERT INTO embedding.message_texts AS kept (message_id, chat_id, author_id, sent_at, written_at,
        message_class, has_text, text, folded, content_hash)
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:chat_ids AS bigint[]), CAST(:author_ids AS bigint[]),
        CAST(:sent_at AS timestamptz[]), CAST(:written_at AS timestamptz[]), CAST(:classes AS text[]),
        CAST(:have_text AS boolean[]), CAST(:texts AS text[]), CAST(:folded AS text[]),
        CAST(:hashes AS text[])
    ) AS new (message_id, chat_id, author_id, sent_at, written_at, message_class, has_text, text, folded,
        content_hash)
    ORDER BY message_id
    ON CONFLICT (message_id) DO UPDATE SET
        chat_id = excluded.chat_id, author_id = excluded.author_id, sent_at = excluded.sent_at,
        written_at = excluded.written_at, message_class = excluded.message_class,
        has_text = excluded.has_text, text = excluded.text, folded = excluded.folded,
        content_hash = excluded.content_hash, indexed_at = now()
    WHERE kept.written_at <= excluded.written_at
        AND (kept.chat_id, kept.author_id, kept.sent_at, kept.written_at, kept.message_class, kept.has_text,
            kept.content_hash, kept.folded)
        IS DISTINCT FROM (excluded.chat_id, excluded.author_id, excluded.sent_at, excluded.written_at,
            excluded.message_class, excluded.has_text, excluded.content_hash, excluded.folded)
    RETURNING message_id
    """
)
_KEEP_KNOWLEDGE = text(
    """
    INSERT INTO embedding.knowledge_texts AS kept (kind, item_id, title, text, folded, content_hash, at,
        atom_type, status, chat_ids, author_ids, hidden)
    VALUES (:kind, :id, :title, :text, :folded, :content_hash, :at, :atom_type, :status,
        CAST(:chat_ids AS bigint[]), CAST(:author_ids AS bigint[]), :hidden)
    ON CONFLICT (kind, item_id) DO UPDATE SET
        title = excluded.title, text = excluded.text, folded = excluded.folded,
        content_hash = excluded.content_hash, at = excluded.at, atom_type = excluded.atom_type,
        status = excluded.status, chat_ids = excluded.chat_ids, author_ids = excluded.author_ids,
        hidden = excluded.hidden, indexed_at = now()
    WHERE (kept.title, kept.text, kept.folded, kept.at, kept.atom_type, kept.status, kept.chat_ids,
            kept.author_ids, kept.hidden)
        IS DISTINCT FROM (excluded.title, excluded.text, excluded.folded, excluded.at, excluded.atom_type,
            excluded.status, excluded.chat_ids, excluded.author_ids, excluded.hidden)
    """
)
_FORGET_KNOWLEDGE = text(
    "DELETE FROM embedding.knowledge_texts WHERE kind = :kind AND item_id = ANY(CAST(:ids AS bigint[]))"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('embedding ' || :kind))")
_UNKNOWN = """
    SELECT given.id FROM unnest(CAST(:ids AS bigint[])) AS given (id)
    WHERE NOT EXISTS (SELECT FROM {texts} t WHERE {own} AND {key} = given.id)
    ORDER BY given.id
"""
_OUTDATED = text(
    """
    SELECT given.id FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS given (id, hash)
    LEFT JOIN embedding.message_texts t ON t.message_id = given.id
    WHERE t.content_hash IS DISTINCT FROM given.hash
    ORDER BY given.id
    """
)
_EMBEDDABLE = """
    SELECT {key} AS id, {embedded} AS text, t.content_hash, t.wanted
    FROM {texts} t WHERE {own} AND {key} = ANY(CAST(:ids AS bigint[])) ORDER BY {key}
"""
_LACKING = """
    SELECT {key} AS id FROM {texts} t
    WHERE {own} AND t.wanted AND {key} > :after {more}
        AND NOT EXISTS (SELECT FROM {vectors} v WHERE v.item_id = {key} AND v.content_hash = t.content_hash)
    ORDER BY {key} LIMIT :limit
"""
_NOT_FAILED = """
    AND NOT EXISTS (SELECT FROM embedding.embedding_failures f
        WHERE f.space_id = :space_id AND f.kind = :kind AND f.item_id = {key})
"""
_LACKING_OF = """
    SELECT {key} AS id FROM {texts} t
    WHERE {own} AND t.wanted AND {key} = ANY(CAST(:ids AS bigint[]))
        AND NOT EXISTS (SELECT FROM {vectors} v WHERE v.item_id = {key} AND v.content_hash = t.content_hash)
"""


async def keep_messages(tx: Transaction, scored: Sequence[ScoredText]) -> list[int]:
    """Take messages in; of several texts of one message the newest stays. Returns which rows changed."""
    newest: dict[int, ScoredText] = {}
    for each in sorted(scored, key=_written_at):
        newest[each.message.id] = each
    kept = list(newest.values())
    changed = await tx.execute(
        _KEEP_MESSAGES,
        {
            "ids": [each.message.id for each in kept],
            "chat_ids": [each.message.chat_id for each in kept],
            "author_ids": [each.message.author_id for each in kept],
            "sent_at": [each.message.sent_at for each in kept],
            "written_at": [each.message.written_at for each in kept],
            "classes": [each.message_class for each in kept],
            "have_text": [each.message.has_text for each in kept],
            "texts": [each.message.text for each in kept],
            "folded": [fold(each.message.text) if each.message.has_text else "" for each in kept],
            "hashes": [each.message.content_hash for each in kept],
        },
    )
    return [row.message_id for row in changed]


async def keep_knowledge(tx: Transaction, kind: EntityKind, texts: Sequence[KnowledgeText]) -> None:
    """Take atoms or topics in as they are now."""
    if not texts:
        return
    rows = [
        {
            "kind": kind,
            "id": each.id,
            "title": each.title,
            "text": each.text,
            "folded": fold(f"{each.title} {each.text}"),
            "content_hash": each.content_hash,
            "at": each.at,
            "atom_type": each.atom_type,
            "status": each.status,
            "chat_ids": each.chat_ids,
            "author_ids": each.author_ids,
            "hidden": each.hidden,
        }
        for each in sorted(texts, key=lambda each: each.id)
    ]
    await tx.execute(_KEEP_KNOWLEDGE, rows)


async def forget_knowledge(tx: Transaction, kind: EntityKind, ids: Sequence[int]) -> None:
    """Forget atoms or topics that are no more."""
    await tx.execute(_FORGET_KNOWLEDGE, {"kind": kind, "ids": list(ids)})


async def one_at_a_time(tx: Transaction, kind: EntityKind) -> None:
    """Wait until nobody else takes texts of this kind in: what is asked for then is newer than ours."""
    await tx.execute(_ONE_AT_A_TIME, {"kind": kind})


async def unknown_ids(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> list[int]:
    """Those of these ids of which there is no text."""
    return [row.id for row in await tx.execute(statement(_UNKNOWN, kind), {"ids": list(ids)})]


async def outdated_messages(tx: Transaction, ids: Sequence[int], hashes: Sequence[str]) -> set[int]:
    """Those of these messages of which there is no text, or another one."""
    return {row.id for row in await tx.execute(_OUTDATED, {"ids": list(ids), "hashes": list(hashes)})}


async def embeddable_texts(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> list[EmbeddableText]:
    """What is to be embedded of these items, in id order; unknown ids are left out."""
    rows = await tx.execute(statement(_EMBEDDABLE, kind), {"ids": list(ids)})
    return [EmbeddableText(row.id, row.text, row.content_hash, row.wanted) for row in rows]


async def ids_lacking(  # noqa: PLR0913 - a page of what lacks a vector
    tx: Transaction, kind: ItemKind, space_id: int, *, after: int, limit: int, also_failed: bool
) -> list[int]:
    """The next ids, in order, of items that ought to have a vector in a space and have none of their text.

    Args:
        tx: The transaction.
        kind: Which items.
        space_id: The space.
        after: The last id of the page before.
        limit: Ids at the most.
        also_failed: Whether those are among them that could not be embedded before.
    """
    given = {"after": after, "limit": limit}
    if also_failed:
        rows = await tx.execute(statement(_LACKING, kind, space_id), given)
    else:
        more = {"space_id": space_id, "kind": kind}
        rows = await tx.execute(statement(_LACKING, kind, space_id, _NOT_FAILED), given | more)
    return [row.id for row in rows]


async def lacking_of(tx: Transaction, kind: ItemKind, space_id: int, ids: Sequence[int]) -> set[int]:
    """Those of these items that ought to have a vector in a space and have none of their text."""
    rows = await tx.execute(statement(_LACKING_OF, kind, space_id), {"ids": list(ids)})
    return {row.id for row in rows}


def _written_at(scored: ScoredText) -> datetime:
    return scored.message.written_at
