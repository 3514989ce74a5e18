"""Embedding items: a hundred at a time, true to the item; one bad item never stops the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from prometheus_client import Counter

from services.embedding.embedders import RefusedError, embed_documents
from services.embedding.indexing import index_knowledge, index_messages, scored_texts
from services.embedding.repository.texts import (
    embeddable_texts,
    ids_lacking,
    lacking_of,
    unknown_ids,
)
from services.embedding.repository.vectors import keep_failures, store_vectors
from services.embedding.spaces import Space
from shared.contracts.embedding import ItemKind
from shared.messaging.transaction import transaction

AT_ONCE = 100
"""Items a call of the provider."""

_EMBEDDED = Counter(
    "tt_embedding_items_total", "Items that were to be embedded, by kind and outcome.", ["kind", "outcome"]
)


@dataclass(slots=True)
class Outcome:
    """What became of items, by their ids."""

    success: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)

    def add(self, other: "Outcome") -> None:
        """Count what became of further items; one that fails in one of several spaces has failed."""
        self.failed |= other.failed
        self.success |= other.success - self.failed
        self.success -= other.failed
        self.skipped |= other.skipped - self.failed - self.success
        self.skipped -= other.failed
        self.skipped -= other.success

    def as_result(self) -> dict[str, int]:
        """The counts, as a task's result has them."""
        return {"success": len(self.success), "failed": len(self.failed), "skipped": len(self.skipped)}


async def embed_these(kind: ItemKind, ids: Sequence[int], spaces: Sequence[Space]) -> Outcome:
    """Embed these items in each of the spaces; what has a vector of its present text is skipped.

    Items that nobody has are failed; so are those that the provider does not take, with the reason kept.

    Raises:
        QueryError: `unavailable`, when the provider or another service does not answer; what was embedded
            until then stays.
    """
    total = Outcome()
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), AT_ONCE):
        chunk = wanted[start : start + AT_ONCE]
        unknown = await _take_in(kind, chunk)
        known = [number for number in chunk if number not in unknown]
        total.add(Outcome(failed=unknown, skipped=set(known)))
        for space in spaces:
            await _note_unknown(kind, unknown, space)
            try:
                total.add(await embed_in_space(kind, known, space))
            except RefusedError as error:
                total.add(await _fail_all(kind, known, space, error))
    _count(kind, total)
    return total


async def embed_lacking(kind: ItemKind, spaces: Sequence[Space]) -> Outcome:
    """Embed all items of a kind that ought to have a vector in these spaces and have none.

    Raises:
        RefusedError: A space's provider takes none of them.
        QueryError: `unavailable`, when the provider does not answer; what was embedded until then stays.
    """
    total = Outcome()
    for space in spaces:
        after: int | None = 0
        while after is not None:
            async with transaction() as tx:
                ids = await ids_lacking(tx, kind, space.id, after=after, limit=AT_ONCE, also_failed=True)
            try:
                total.add(await embed_in_space(kind, ids, space))
            except RefusedError as error:
                await _fail_all(kind, ids, space, error)
                raise
            after = ids[-1] if ids else None
    _count(kind, total)
    return total


async def embed_in_space(kind: ItemKind, ids: Sequence[int], space: Space) -> Outcome:
    """Embed items whose texts are here in one space.

    Raises:
        RefusedError: The provider takes none of them, whatever they say.
        QueryError: `unavailable`, when the provider does not answer.
    """
    async with transaction() as tx:
        lacking = await lacking_of(tx, kind, space.id, ids)
        texts = await embeddable_texts(tx, kind, sorted(lacking))
    outcome = Outcome(skipped=set(ids) - lacking)
    if not texts:
        return outcome
    batch = await embed_documents(space, [each.text for each in texts])
    vectors: dict[int, tuple[str, Sequence[float]]] = {}
    reasons: dict[int, str] = {}
    for place, (each, vector) in enumerate(zip(texts, batch.vectors, strict=True)):
        if vector is None:
            reasons[each.id] = batch.failures.get(place, "The provider gave no vector.")
        else:
            vectors[each.id] = (each.content_hash, vector)
    async with transaction() as tx:
        stored = await store_vectors(tx, kind, space.id, vectors)
        await keep_failures(tx, kind, space.id, reasons)
    # What was changed or became noise meanwhile has a command of its own.
    outcome.add(Outcome(success=stored, failed=set(reasons), skipped=set(vectors) - stored))
    return outcome


async def _fail_all(kind: ItemKind, ids: Sequence[int], space: Space, error: RefusedError) -> Outcome:
    async with transaction() as tx:
        lacking = await lacking_of(tx, kind, space.id, ids)
        await keep_failures(tx, kind, space.id, dict.fromkeys(lacking, str(error)))
    return Outcome(failed=lacking, skipped=set(ids) - lacking)


async def _note_unknown(kind: ItemKind, ids: set[int], space: Space) -> None:
    if ids:
        what = "message with a score" if kind == "message" else kind
        async with transaction() as tx:
            await keep_failures(tx, kind, space.id, dict.fromkeys(ids, f"There is no such {what}."))


async def _take_in(kind: ItemKind, ids: Sequence[int]) -> set[int]:
    """Have the texts of these items here; returns the ids of which there are none anywhere.

    Atoms and topics are asked for in any case: their commands say that they may have changed.
    """
    if kind == "message":
        async with transaction() as tx:
            unknown = await unknown_ids(tx, kind, ids)
        if unknown:
            scored = await scored_texts(unknown)
            async with transaction() as tx:
                await index_messages(tx, scored, asked=True)
    else:
        await index_knowledge(kind, ids)
    async with transaction() as tx:
        return set(await unknown_ids(tx, kind, ids))


def _count(kind: ItemKind, outcome: Outcome) -> None:
    for name, count in outcome.as_result().items():
        _EMBEDDED.labels(kind, name).inc(count)
