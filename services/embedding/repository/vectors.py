"""Vectors: stored, kept in step with their texts, counted; and what could not be embedded."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from services.embedding.repository.sources import KINDS, statement
from services.embedding.vectors import as_sql
from shared.contracts.embedding import EmbeddingFailure, ItemKind, KindCoverage
from shared.messaging.transaction import Transaction

_GIVEN = """
    WITH given AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS text[]), CAST(:vectors AS text[]))
            AS new (id, hash, vector)
    ), present AS (
        -- Shared with those who change a text or its class: what they delete cannot come back behind them.
        SELECT t.*, given.vector FROM {texts} t JOIN given ON given.id = {key} AND given.hash = t.content_hash
        WHERE {own} AND t.wanted ORDER BY {key} FOR SHARE OF t
    )
    {more}
"""
_MESSAGES = """
    INSERT INTO {vectors} (item_id, chat_id, author_id, sent_at, message_class, content_hash, embedding)
    SELECT message_id, chat_id, author_id, sent_at, message_class, content_hash, CAST(vector AS halfvec)
    FROM present ORDER BY message_id
    ON CONFLICT (item_id) DO UPDATE SET chat_id = excluded.chat_id, author_id = excluded.author_id,
        sent_at = excluded.sent_at, message_class = excluded.message_class,
        content_hash = excluded.content_hash, embedding = excluded.embedding
    RETURNING item_id
"""
_KNOWLEDGE = """
    INSERT INTO {vectors} (item_id, content_hash, embedding)
    SELECT item_id, content_hash, CAST(vector AS halfvec) FROM present ORDER BY item_id
    ON CONFLICT (item_id) DO UPDATE SET content_hash = excluded.content_hash, embedding = excluded.embedding
    RETURNING item_id
"""
_REMOVE = """
    DELETE FROM {vectors} v
    WHERE v.item_id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS (
        SELECT FROM {texts} t
        WHERE {own} AND {key} = v.item_id AND t.wanted AND t.content_hash = v.content_hash)
"""
_FOLLOW = """
    UPDATE {vectors} v SET chat_id = t.chat_id, author_id = t.author_id, sent_at = t.sent_at,
        message_class = t.message_class
    FROM {texts} t
    WHERE {key} = v.item_id AND v.item_id = ANY(CAST(:ids AS bigint[]))
        AND (v.chat_id, v.author_id, v.sent_at, v.message_class)
        IS DISTINCT FROM (t.chat_id, t.author_id, t.sent_at, t.message_class)
"""
_FORGET_FAILURES = """
    DELETE FROM embedding.embedding_failures f
    WHERE f.kind = '{kind}' AND f.item_id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS (
        SELECT FROM {texts} t WHERE {own} AND {key} = f.item_id AND t.wanted)
"""
_FORGET_UNKNOWN = """
    DELETE FROM embedding.embedding_failures f
    WHERE f.kind = '{kind}' AND f.failed_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM {texts} t WHERE {own} AND {key} = f.item_id)
"""
_KEEP_FAILURES = text(
    """
    INSERT INTO embedding.embedding_failures AS kept (space_id, kind, item_id, reason)
    SELECT :space_id, :kind, id, reason
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS new (id, reason) ORDER BY id
    ON CONFLICT (space_id, kind, item_id) DO UPDATE SET reason = excluded.reason,
        attempts = kept.attempts + 1, failed_at = now()
    """
)
_MENDED = text(
    """
    DELETE FROM embedding.embedding_failures
    WHERE space_id = :space_id AND kind = :kind AND item_id = ANY(CAST(:ids AS bigint[]))
    """
)
_COVERAGE = """
    SELECT (SELECT count(*) FROM {texts} t WHERE {own} AND t.wanted) AS wanted, {more} AS embedded,
        (SELECT count(*) FROM embedding.embedding_failures
            WHERE space_id = :space_id AND kind = '{kind}') AS failed
"""
_FAILURES = text(
    """
    SELECT kind, item_id, reason, attempts, failed_at FROM embedding.embedding_failures
    WHERE space_id = :space_id ORDER BY failed_at DESC, kind, item_id LIMIT :limit
    """
)
_LONGEST_REASON = 500


async def store_vectors(
    tx: Transaction,
    kind: ItemKind,
    space_id: int,
    vectors: Mapping[int, tuple[str, Sequence[float]]],
) -> set[int]:
    """Store vectors of items that still ought to have one and still say what was embedded.

    Args:
        tx: The transaction.
        kind: Which items.
        space_id: The space.
        vectors: By the item's id the hash of what was embedded, and its vector.

    Returns:
        The ids of those that were stored.
    """
    insert = _MESSAGES if kind == "message" else _KNOWLEDGE
    ids = sorted(vectors)
    given = {
        "ids": ids,
        "hashes": [vectors[number][0] for number in ids],
        "vectors": [as_sql(vectors[number][1]) for number in ids],
    }
    stored = {row.item_id for row in await tx.execute(statement(_GIVEN, kind, space_id, insert), given)}
    await tx.execute(_MENDED, {"space_id": space_id, "kind": kind, "ids": sorted(stored)})
    return stored


async def follow_texts(tx: Transaction, kind: ItemKind, space_id: int, ids: Sequence[int]) -> None:
    """Bring a space in step with what these items are now: what ought to have no vector loses it."""
    given = {"ids": list(ids)}
    await tx.execute(statement(_REMOVE, kind, space_id), given)
    if kind == "message":
        await tx.execute(statement(_FOLLOW, kind, space_id), given)


async def forget_failures(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> None:
    """Forget the failures of those of these items that ought to have no vector any more."""
    await tx.execute(statement(_FORGET_FAILURES, kind), {"ids": list(ids)})


async def forget_unknown(tx: Transaction) -> None:
    """Forget, after a day, that ids were asked for which nobody has."""
    for kind in KINDS:
        await tx.execute(statement(_FORGET_UNKNOWN, kind))


async def keep_failures(tx: Transaction, kind: ItemKind, space_id: int, reasons: Mapping[int, str]) -> None:
    """Note why items could not be embedded."""
    if not reasons:
        return
    ids = sorted(reasons)
    given = {
        "space_id": space_id,
        "kind": kind,
        "ids": ids,
        "reasons": [reasons[number][:_LONGEST_REASON] for number in ids],
    }
    await tx.execute(_KEEP_FAILURES, given)


async def latest_failures(tx: Transaction, space_id: int, limit: int) -> list[EmbeddingFailure]:
    """What could not be embedded in a space, the latest first."""
    rows = await tx.execute(_FAILURES, {"space_id": space_id, "limit": limit})
    return [
        EmbeddingFailure(
            kind=row.kind,
            item_id=row.item_id,
            reason=row.reason,
            attempts=row.attempts,
            failed_at=row.failed_at,
        )
        for row in rows
    ]


async def coverage_of(tx: Transaction, space_id: int | None, *, has_tables: bool) -> list[KindCoverage]:
    """For each kind how many items ought to be in a space, are in it, and could not be embedded."""
    found = []
    for kind in KINDS:
        embedded = "(SELECT count(*) FROM {vectors})" if has_tables else "0"
        rows = await tx.execute(statement(_COVERAGE, kind, space_id, embedded), {"space_id": space_id})
        row = rows.one()
        found.append(KindCoverage(kind=kind, wanted=row.wanted, embedded=row.embedded, failed=row.failed))
    return found
