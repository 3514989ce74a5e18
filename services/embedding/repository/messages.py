"""Texts of messages: taken in, the newest of each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from shared.contracts.embedding import ScoredText
from shared.language.folding import fold
from shared.messaging.transaction import Transaction

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
        written_at = excluded.written_at, has_text = excluded.has_text,
        message_class = CASE WHEN :asked OR kept.written_at < excluded.written_at
            THEN excluded.message_class ELSE kept.message_class END,
        text = excluded.text, folded = excluded.folded,
        content_hash = excluded.content_hash, indexed_at = now()
    WHERE kept.written_at <= excluded.written_at
        AND (kept.chat_id, kept.author_id, kept.sent_at, kept.written_at, kept.has_text, kept.content_hash,
            kept.folded, kept.message_class)
        IS DISTINCT FROM (excluded.chat_id, excluded.author_id, excluded.sent_at, excluded.written_at,
            excluded.has_text, excluded.content_hash, excluded.folded,
            CASE WHEN :asked THEN excluded.message_class ELSE kept.message_class END)
    RETURNING message_id
    """
)
_DISPUTED = text(
    """
    SELECT kept.message_id AS id FROM embedding.message_texts kept
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:classes AS text[]), CAST(:written_at AS timestamptz[]))
        AS told (message_id, message_class, written_at) USING (message_id)
    WHERE kept.written_at = told.written_at AND kept.message_class <> told.message_class
    ORDER BY kept.message_id
    """
)
_OUTDATED = text(
    """
    SELECT given.id FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS given (id, hash)
    LEFT JOIN embedding.message_texts t ON t.message_id = given.id
    WHERE t.content_hash IS DISTINCT FROM given.hash
    ORDER BY given.id
    """
)


async def keep_messages(tx: Transaction, scored: Sequence[ScoredText], *, asked: bool) -> list[int]:
    """Take messages in; of several texts of one message the newest stays. Returns which rows changed.

    Args:
        tx: The transaction.
        scored: Messages with their classes.
        asked: Whether scoring was asked just now, so that its class holds. What was sent with a command may
            be older than a correction: it gives a class to new texts only.
    """
    newest: dict[int, ScoredText] = {}
    for each in sorted(scored, key=_written_at):
        newest[each.message.id] = each
    kept = list(newest.values())
    changed = await tx.execute(
        _KEEP_MESSAGES,
        {
            "asked": asked,
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


async def disputed_classes(tx: Transaction, scored: Sequence[ScoredText]) -> list[int]:
    """Those of these messages whose text is here with another class: scoring has to be asked which holds."""
    given = {
        "ids": [each.message.id for each in scored],
        "classes": [each.message_class for each in scored],
        "written_at": [each.message.written_at for each in scored],
    }
    return sorted({row.id for row in await tx.execute(_DISPUTED, given)})


async def outdated_messages(tx: Transaction, ids: Sequence[int], hashes: Sequence[str]) -> set[int]:
    """Those of these messages of which there is no text, or another one."""
    return {row.id for row in await tx.execute(_OUTDATED, {"ids": list(ids), "hashes": list(hashes)})}


def _written_at(scored: ScoredText) -> datetime:
    return scored.message.written_at
