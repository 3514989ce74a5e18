"""Texts of atoms and topics: taken in as they are now, forgotten when they are no more."""

from collections.abc import Sequence

from sqlalchemy import text

from shared.contracts.knowledge import EntityKind, KnowledgeText
from shared.language.folding import fold
from shared.messaging.transaction import Transaction

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
