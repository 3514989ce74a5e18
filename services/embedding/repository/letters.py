"""What has the words of a query: by how words begin, and by most of their letters where none begin so."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from services.embedding.asking import AskedWord
from services.embedding.repository.conditions import Conditions, conditions_on
from services.embedding.repository.sources import SOURCES, prepared
from services.embedding.wanted import Wanted
from shared.contracts.embedding import HitKind
from shared.messaging.transaction import Transaction

_ROWS_A_WORD = 100
_ROWS_A_MISSPELT_WORD = 60
_RARE = 3


async def having_words(
    tx: Transaction, kind: HitKind, words: Sequence[AskedWord], wanted: Wanted, limit: int
) -> list[int]:
    """Items that have words of a query: those first that have all of them, or the rarest.

    The work is bounded however common the words are: of each word so many rows are looked at. `tune` the
    transaction before.

    Args:
        tx: The transaction.
        kind: Which items.
        words: What is looked for.
        wanted: Which items may be found.
        limit: Items at the most.
    """
    if not words:
        return []
    conditions = conditions_on(kind, wanted, "t")
    by_word = await _beginning(tx, kind, words, conditions)
    misspelt = [
        place
        for place, word in enumerate(words)
        if word.may_be_misspelt and len(by_word.get(place, ())) < _RARE
    ]
    for place, ids in (await _resembling(tx, kind, words, misspelt, conditions)).items():
        by_word[place] = [*by_word.get(place, ()), *ids]
    weight: defaultdict[int, float] = defaultdict(float)
    for place, ids in by_word.items():
        # The place behind the last word is that of rows with all of them.
        value = float(len(words)) if place == len(words) else 1 / len(ids)
        for number in set(ids):
            weight[number] += value
    return sorted(weight, key=lambda number: (-weight[number], -number))[:limit]


async def _beginning(
    tx: Transaction, kind: HitKind, words: Sequence[AskedWord], conditions: Conditions
) -> dict[int, list[int]]:
    """By each word's place the rows that have a word beginning like it; behind the last, those with all."""
    source = SOURCES[kind]
    matching = [f"t.folded LIKE :pattern_{place}" for place in range(len(words))]
    asked = [*enumerate(matching)]
    if len(words) > 1:
        asked.append((len(words), " AND ".join(matching)))
    statement = " UNION ALL ".join(
        f"(SELECT {place} AS place, t.{source.key} AS id FROM {source.texts} t"  # noqa: S608 - names of our own
        f" WHERE {condition} AND {conditions.sql} LIMIT {_ROWS_A_WORD})"
        for place, condition in asked
    )
    patterns = {f"pattern_{place}": word.pattern for place, word in enumerate(words)}
    return await _rows(tx, statement, patterns | conditions.parameters)


async def _resembling(
    tx: Transaction, kind: HitKind, words: Sequence[AskedWord], places: Sequence[int], conditions: Conditions
) -> dict[int, list[int]]:
    """By the places of some words the rows that have one with most of its letters."""
    if not places:
        return {}
    source = SOURCES[kind]
    statement = " UNION ALL ".join(
        f"(SELECT {place} AS place, t.{source.key} AS id FROM {source.texts} t"  # noqa: S608 - as above
        f" WHERE t.folded %> :word_{place} AND {conditions.sql} LIMIT {_ROWS_A_MISSPELT_WORD})"
        for place in places
    )
    given = {f"word_{place}": words[place].folded for place in places}
    return await _rows(tx, statement, given | conditions.parameters)


async def _rows(tx: Transaction, statement: str, parameters: dict[str, object]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows: Iterable[Any] = await tx.execute(prepared(statement), parameters)
    for place, number in rows:
        found.setdefault(place, []).append(number)
    return found
