"""The stages of a vector space's life: its tables are made, it takes over, its filling fails."""

from uuid import UUID

from services.embedding.centring import ORDINARY_QUERIES, mean_of
from services.embedding.embedders import RefusedError, embed_documents, embed_queries
from services.embedding.repository.runs import finish_reindex, reindex_record
from services.embedding.repository.space_tables import index_at_once, make_tables
from services.embedding.repository.spaces import (
    activate_space,
    active_space,
    end_space,
    find_space,
    lock_spaces,
    note_failure,
    note_measures,
    space_record,
)
from services.embedding.spaces import Space
from services.embedding.vectors import LARGEST_DIMENSION
from shared.contracts.embedding import ReindexProgress, SpaceActivated
from shared.messaging.transaction import Transaction, transaction

_SAMPLE = "Скільки чисел має вектор?"


class EndedError(Exception):
    """The space is not being filled any more: something else is being built by now."""


async def with_tables(space: Space) -> Space:
    """The space with its tables; the very first one is active from then on.

    Raises:
        RefusedError: Its provider makes no vectors, or none that can be searched.
        QueryError: `unavailable`, when the provider does not answer.
        EndedError: It is not to be filled any more.
    """
    if space.has_tables:
        return space
    dimension = await _measure(space)
    common = await _common_to_queries(space)
    async with transaction() as tx:
        await lock_spaces(tx)
        await note_measures(tx, space.id, dimension, common)
        await make_tables(tx, space.id, dimension)
        measured = await find_space(tx, space.id)
        if measured is None or not measured.is_live:
            raise EndedError
        if await active_space(tx) is None:
            await index_at_once(tx, space.id)
            measured = await activate(tx, measured)
    return measured


async def _measure(space: Space) -> int:
    """How long the vectors of a space are."""
    vector = (await embed_documents(space, [_SAMPLE])).vectors[0]
    if vector is None:
        raise RefusedError("The provider gave no vector for a plain sentence.")
    if len(vector) > LARGEST_DIMENSION:
        raise RefusedError(
            f"Vectors of {len(vector)} numbers cannot be searched; the longest have {LARGEST_DIMENSION}."
        )
    return len(vector)


async def _common_to_queries(space: Space) -> list[float] | None:
    """What is taken from the vectors of a space's queries: of the local model only, see `centring`."""
    if not space.basic_mode:
        return None
    made = await embed_queries(space, ORDINARY_QUERIES)
    vectors = [vector for vector in made.vectors if vector is not None]
    return mean_of(vectors) if vectors else None


async def activate(tx: Transaction, space: Space) -> Space:
    """Let a space take over, and say so; returns it as it is then."""
    await activate_space(tx, space.id)
    active = await find_space(tx, space.id)
    if active is None:
        raise EndedError
    tx.publish(SpaceActivated(space=await space_record(tx, active)))
    return active


async def fail_filling(tx: Transaction, space: Space, run_id: UUID, reason: str) -> None:
    """End a filling without success; a space that is searched already stays, with the reason noted."""
    if space.status == "building":
        await end_space(tx, space.id, "failed", reason)
    else:
        await note_failure(tx, space.id, reason)
    await finish_reindex(tx, run_id, "failed", reason)
    tx.publish(ReindexProgress(reindex=await reindex_record(tx, run_id)))
