"""What embedding answers when it is asked."""

from services.embedding.embedders import vectors_of
from services.embedding.repository.neighbours import nearest, tune
from services.embedding.repository.runs import begin_run, find_reindex, reindex_record
from services.embedding.repository.spaces import (
    active_space,
    all_spaces,
    lock_spaces,
    make_space,
    space_records,
)
from services.embedding.repository.vectors import coverage_of, latest_failures
from services.embedding.reviewing import active_target, start_filling
from services.embedding.searching import search
from services.embedding.spaces import Space
from services.embedding.vectors import Meaning, as_bytes
from services.embedding.wanted import wanted_by_filter
from shared.contracts.base import Command
from shared.contracts.embedding import (
    Coverage,
    EmbedAtomsBatch,
    EmbeddedTexts,
    EmbedMessagesBatch,
    EmbedMissing,
    EmbedTexts,
    EmbedTopicsBatch,
    FindNeighbours,
    GetCoverage,
    GetReindex,
    Neighbour,
    ReindexRecord,
    Search,
    SearchPage,
    StartEmbedding,
    StartReindex,
)
from shared.contracts.errors import QueryError, unavailable
from shared.messaging.transaction import transaction

_MOST_FAILURES = 100


async def embed_texts(query: EmbedTexts) -> EmbeddedTexts:
    """Vectors of texts in the active space."""
    space = await _searched()
    vectors = await vectors_of(space, query.texts, query.role)
    return EmbeddedTexts(
        space_id=space.id, dimension=space.dimension, vectors=[as_bytes(vector) for vector in vectors]
    )


async def find_neighbours(query: FindNeighbours) -> list[list[Neighbour]]:
    """The nearest items to each text."""
    space = await _searched()
    vectors = await vectors_of(space, query.texts, query.role)
    async with transaction() as tx:
        await tune(tx)
        wanted = wanted_by_filter(query.filter)
        found = await nearest(tx, query.kind, Meaning(space.id, vectors), wanted, query.limit)
    return [
        [
            Neighbour(kind=query.kind, id=near.id, similarity=near.similarity)
            for near in each.items
            if near.similarity >= query.least
        ]
        for each in found
    ]


async def find_by_meaning_and_words(query: Search) -> SearchPage:
    """A page of hits, best first."""
    return await search(query)


async def coverage(_query: GetCoverage) -> Coverage:
    """What is embedded, what is not, and why not."""
    async with transaction() as tx:
        spaces = await all_spaces(tx)
        shown = next((space for space in spaces if space.is_live), None)
        return Coverage(
            kinds=await coverage_of(
                tx,
                shown.id if shown is not None else None,
                has_tables=shown is not None and shown.has_tables,
            ),
            spaces=await space_records(tx, spaces),
            failures=await latest_failures(tx, shown.id, _MOST_FAILURES) if shown is not None else [],
        )


async def start_embedding(query: StartEmbedding) -> None:
    """Enqueue the embedding of items; the second time, nothing more."""
    async with transaction() as tx:
        spaces = await all_spaces(tx)
        if not any(space.is_live and query.provider_id in (None, space.provider_id) for space in spaces):
            whose = f" of provider {query.provider_id}" if query.provider_id is not None else ""
            raise QueryError(
                "conflict", f"There is no vector space{whose}: it is made when an active embedder uses it."
            )
        if await begin_run(tx, query.run_id):
            tx.send(_embedding_of(query), task_id=str(query.run_id), tracked=True)


async def start_reindex(query: StartReindex) -> ReindexRecord:
    """Begin to build the space anew; the second time, say how it stands."""
    target = await active_target()
    async with transaction() as tx:
        await lock_spaces(tx)
        begun = await find_reindex(tx, query.run_id)
        if begun is not None:
            return begun
        if target is None:
            raise QueryError("conflict", "No embedder is active: activate an agent of the kind embedder.")
        if any(space.is_being_filled for space in await all_spaces(tx)):
            raise QueryError("conflict", "A vector space is being filled already; wait until it is complete.")
        await start_filling(tx, await make_space(tx, target), query.run_id)
        return await reindex_record(tx, query.run_id)


async def reindex_state(query: GetReindex) -> ReindexRecord:
    """How a reindex stands."""
    async with transaction() as tx:
        return await reindex_record(tx, query.run_id)


async def _searched() -> Space:
    async with transaction() as tx:
        space = await active_space(tx)
    if space is None:
        raise unavailable("There is no vector space yet.")
    return space


def _embedding_of(query: StartEmbedding) -> Command:
    if query.ids is None:
        return EmbedMissing(kind=query.kind, provider_id=query.provider_id, refresh=True)
    if query.kind == "message":
        return EmbedMessagesBatch(message_ids=query.ids, provider_id=query.provider_id)
    if query.kind == "atom":
        return EmbedAtomsBatch(atom_ids=query.ids, provider_id=query.provider_id)
    return EmbedTopicsBatch(topic_ids=query.ids, provider_id=query.provider_id)
