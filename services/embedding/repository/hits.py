"""What candidates are compared by, and what of hits is shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from services.embedding.repository.sources import SOURCES, prepared, vectors_table
from services.embedding.vectors import Meaning, as_sql
from shared.contracts.embedding import HitKind
from shared.messaging.transaction import Transaction


class Compared(NamedTuple):
    """How an item compares with a query: `vector` is the cosine, None without a vector; `words` 0 to 1."""

    id: int
    vector: float | None
    words: float


_SHOWN: Mapping[HitKind, str] = {
    "message": """
        SELECT t.message_id AS id, NULL AS title, t.text, t.sent_at AS at, t.message_class, t.chat_id,
            t.author_id, NULL AS atom_type, NULL AS status
        FROM embedding.message_texts t WHERE t.message_id = ANY(CAST(:ids AS bigint[]))
    """,
    "atom": """
        SELECT t.item_id AS id, t.title, t.text, t.at, NULL AS message_class, CAST(NULL AS bigint) AS chat_id,
            CAST(NULL AS bigint) AS author_id, t.atom_type, t.status
        FROM embedding.knowledge_texts t WHERE t.kind = 'atom' AND t.item_id = ANY(CAST(:ids AS bigint[]))
    """,
}


async def compare(  # noqa: PLR0913 - what is compared with what
    tx: Transaction,
    kind: HitKind,
    ids: Sequence[int],
    folded: str,
    meaning: Meaning | None,
    *,
    near: Mapping[int, float],
) -> list[Compared]:
    """How items compare with a query.

    Args:
        tx: The transaction.
        kind: Which items.
        ids: Their ids.
        folded: The folded query.
        meaning: Its vector; None compares by words alone.
        near: The cosine of those of which it is known already.
    """
    if not ids:
        return []
    source = SOURCES[kind]
    by_vector, join = "CAST(NULL AS double precision)", ""
    given: dict[str, object] = {"ids": list(ids), "folded": folded}
    if meaning is not None:
        by_vector = "1 - (v.embedding <=> CAST(CAST(:vector AS text) AS halfvec))"
        join = (
            f"LEFT JOIN {vectors_table(kind, meaning.space_id)} v"
            f" ON v.item_id = t.{source.key} AND v.item_id = ANY(CAST(:others AS bigint[]))"
        )
        given["vector"] = as_sql(meaning.vectors[0])
        given["others"] = [number for number in ids if number not in near]
    statement = prepared(
        f"""
        SELECT t.{source.key}, {by_vector}, word_similarity(:folded, t.folded)
        FROM {source.texts} t {join} WHERE {source.own} AND t.{source.key} = ANY(CAST(:ids AS bigint[]))
        """  # noqa: S608 - names of our own
    )
    rows: Iterable[Any] = await tx.execute(statement, given)
    return [Compared(number, near.get(number, vector), words) for number, vector, words in rows]


async def shown(tx: Transaction, kind: HitKind, ids: Sequence[int]) -> dict[int, Any]:
    """The rows of hits, by their ids."""
    if not ids:
        return {}
    rows = await tx.execute(prepared(_SHOWN[kind]), {"ids": list(ids)})
    return {row.id: row for row in rows}
