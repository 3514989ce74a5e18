"""The nearest vectors to a vector, by the index or, where few rows remain, by comparing all of them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import text

from services.embedding.repository.conditions import Conditions, conditions_on
from services.embedding.repository.sources import prepared, vectors_table
from services.embedding.vectors import Meaning, as_sql
from services.embedding.wanted import Wanted
from shared.contracts.embedding import ItemKind
from shared.messaging.transaction import Transaction

COMPARED_AT_MOST = 20_000
"""Rows that are compared one by one when a search is narrowed to so few. Of more, the index finds some.

Comparing takes about a microsecond a row and misses nothing. The index, narrowed to a hundredth of its rows,
takes a hundred times as long and misses a tenth.
"""

# Widely enough for 200 neighbours; goes on where rows are left out, for as long as that pays.
_TUNED = text(
    """
    SELECT set_config('hnsw.ef_search', '200', true), set_config('hnsw.max_scan_tuples', '40000', true),
        set_config('hnsw.iterative_scan', 'relaxed_order', true),
        set_config('hnsw.scan_mem_multiplier', '4', true),
        set_config('pg_trgm.word_similarity_threshold', '0.5', true),
        set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true),
        set_config('plan_cache_mode', 'force_custom_plan', true)
    """
)


class Near(NamedTuple):
    """An item and its cosine similarity, -1 to 1."""

    id: int
    similarity: float


class Nearest(NamedTuple):
    """The nearest items to one vector, nearest first; `cut_short` when the index stopped too early."""

    items: list[Near]
    cut_short: bool


async def tune(tx: Transaction) -> None:
    """Have this transaction search: indexes rather than reading tables, plans made for its own values."""
    await tx.execute(_TUNED)


async def nearest(
    tx: Transaction,
    kind: ItemKind,
    meaning: Meaning,
    wanted: Wanted,
    limit: int,
) -> list[Nearest]:
    """The nearest items to each of some vectors. `tune` the transaction before.

    Args:
        tx: The transaction.
        kind: Which items.
        meaning: What is looked near to; as many vectors as are asked for at once.
        wanted: Which items may be found.
        limit: Items to each at the most.
    """
    conditions = conditions_on(kind, wanted, "v" if kind == "message" else "t")
    source = vectors_table(kind, meaning.space_id) + " v"
    if kind != "message":
        source += " JOIN embedding.knowledge_texts t ON t.item_id = v.item_id"
    remaining = await _count(tx, source, conditions) if conditions.narrow else None
    if remaining == 0:
        return [Nearest([], cut_short=False) for _ in meaning.vectors]
    compares = remaining is not None and remaining <= COMPARED_AT_MOST
    order = "(v.embedding <=> given.vector)" + (" + 0" if compares else "")
    statement = prepared(
        f"""
        WITH given AS MATERIALIZED (
            SELECT place, CAST(literal AS halfvec) AS vector
            FROM unnest(CAST(:vectors AS text[])) WITH ORDINALITY AS literals (literal, place))
        SELECT given.place, found.id, found.similarity FROM given
        CROSS JOIN LATERAL (SELECT v.item_id AS id, 1 - (v.embedding <=> given.vector) AS similarity
            FROM {source} WHERE {conditions.sql} ORDER BY {order} LIMIT :limit) AS found
        """  # noqa: S608 - names and conditions of our own
    )
    given = {"vectors": [as_sql(vector) for vector in meaning.vectors], "limit": limit}
    rows: Iterable[Any] = await tx.execute(statement, given | conditions.parameters)
    found: list[list[Near]] = [[] for _ in meaning.vectors]
    for place, number, similarity in rows:
        found[place - 1].append(Near(number, similarity))
    # By the index they come nearly in order.
    return [
        Nearest(
            sorted(each, key=_nearest_first),
            cut_short=not compares and conditions.narrow and len(each) < limit,
        )
        for each in found
    ]


async def _count(tx: Transaction, source: str, conditions: Conditions) -> int:
    """How many rows remain, counted until it is clear that they are too many to compare."""
    statement = prepared(
        f"SELECT count(*) FROM (SELECT FROM {source} WHERE {conditions.sql}"  # noqa: S608 - as above
        f" LIMIT {COMPARED_AT_MOST + 1}) AS remaining"
    )
    return int((await tx.execute(statement, conditions.parameters)).scalar_one())


def _nearest_first(near: Near) -> tuple[float, int]:
    return -near.similarity, near.id
