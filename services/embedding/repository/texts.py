"""Texts of all kinds: which of them want a vector, and what is embedded of them."""

from collections.abc import Sequence
from typing import NamedTuple

from services.embedding.repository.sources import statement
from shared.contracts.embedding import ItemKind
from shared.messaging.transaction import Transaction


class EmbeddableText(NamedTuple):
    """What is embedded of an item."""

    id: int
    text: str
    content_hash: str


_UNKNOWN = """
    SELECT given.id FROM unnest(CAST(:ids AS bigint[])) AS given (id)
    WHERE NOT EXISTS (SELECT FROM {texts} t WHERE {own} AND {key} = given.id)
    ORDER BY given.id
"""
_EMBEDDABLE = """
    SELECT {key} AS id, {embedded} AS text, t.content_hash
    FROM {texts} t WHERE {own} AND {key} = ANY(CAST(:ids AS bigint[])) ORDER BY {key}
"""
_LACKING = """
    SELECT {key} AS id FROM {texts} t
    LEFT JOIN LATERAL (
        -- The offset has it looked up row by row: joined as a whole, every page would read all vectors.
        SELECT true AS embedded FROM {vectors} v
        WHERE v.item_id = {key} AND v.content_hash = t.content_hash OFFSET 0
    ) present ON true
    WHERE {own} AND t.wanted AND {key} > :after AND present.embedded IS NULL {more}
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


async def unknown_ids(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> list[int]:
    """Those of these ids of which there is no text."""
    return [row.id for row in await tx.execute(statement(_UNKNOWN, kind), {"ids": list(ids)})]


async def embeddable_texts(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> list[EmbeddableText]:
    """What is to be embedded of these items, in id order; unknown ids are left out."""
    rows = await tx.execute(statement(_EMBEDDABLE, kind), {"ids": list(ids)})
    return [EmbeddableText(row.id, row.text, row.content_hash) for row in rows]


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
