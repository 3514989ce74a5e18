"""Who makes the vectors of a space: its provider, with the models that the space was made with."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence

import msgspec
from loguru import logger
from prometheus_client import Counter

from services.embedding.spaces import Space
from shared.contracts.embedding import Role
from shared.contracts.errors import QueryError, unavailable
from shared.llm import (
    EmbeddedBatch,
    Embedder,
    LlmError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SealedKeyError,
    open_embedder_on,
)
from shared.llm.interface import Vector
from shared.llm.loops import LoopLocal
from shared.llm.remembering import VectorMemory
from shared.llm.resolving import resolve_provider

_REMEMBERED = 1000
_RESTS = 5.0
_VECTORS = Counter("tt_embedding_vectors_total", "Vectors that were asked for, by who had them.", ["by"])

_memory: LoopLocal[VectorMemory[tuple[int, Role, str]]] = LoopLocal(lambda: VectorMemory(_REMEMBERED))
"""Vectors of lately by space, role and text."""

_resting: LoopLocal[dict[int, tuple[float, str]]] = LoopLocal(dict)
"""By space until when its provider is left alone, and why."""


class RefusedError(Exception):
    """A space's provider says no to everything, and asking again will not help; the message says why."""


async def embedder_of(space: Space) -> Embedder:
    """The embedder of a space.

    Raises:
        RefusedError: Its provider is no more.
        QueryError: `unavailable`, when analysis does not answer.
    """
    try:
        access = await resolve_provider(space.provider_id)
    except QueryError as error:
        if error.code == "not_found":
            raise RefusedError("The provider of this vector space was deleted.") from error
        raise
    provider = msgspec.structs.replace(
        access.provider,
        document_model=space.document_model,
        query_model=space.query_model,
        dimension=space.dimension or None,
    )
    return open_embedder_on(msgspec.structs.replace(access, provider=provider))


async def embed_documents(space: Space, texts: Sequence[str]) -> EmbeddedBatch:
    """Vectors of what is searched; one bad text fails alone.

    Raises:
        RefusedError: The provider takes none of them.
        QueryError: `unavailable`, when the provider does not answer: the task is to be tried again.
    """
    return await _embed(space, texts, "document")


async def embed_queries(space: Space, texts: Sequence[str]) -> EmbeddedBatch:
    """Vectors of what is searched with; otherwise as `embed_documents`."""
    return await _embed(space, texts, "query")


async def vectors_of(space: Space, texts: Sequence[str], role: Role) -> list[Vector]:
    """Vectors of texts that somebody asks about, those of lately from memory.

    Raises:
        QueryError: `unavailable` when the provider does not answer or says no, `invalid` when a text is at
            fault.
    """
    memory = _memory.get()
    distinct = dict.fromkeys(texts)
    looked_up = {text: memory.get((space.id, role, text)) for text in distinct}
    found = {text: vector for text, vector in looked_up.items() if vector is not None}
    missing = [text for text in distinct if text not in found]
    _VECTORS.labels("memory").inc(len(found))
    if missing:
        _VECTORS.labels("provider").inc(len(missing))
        made = await _ask_for(space, missing, role)
        remember(space.id, role, made)
        found |= made
    return [found[text] for text in texts]


def remember(space_id: int, role: Role, vectors: Mapping[str, Vector]) -> None:
    """Keep vectors of texts, so that they need not be asked for again while they are among the latest."""
    memory = _memory.get()
    for text, vector in vectors.items():
        memory.keep((space_id, role, text), vector)


async def query_vector(space: Space, query: str, patience: float) -> Vector:
    """The vector of a search's query.

    A provider that did not answer is left alone for a few seconds: no other search waits for it meanwhile.

    Args:
        space: The space that is searched.
        query: What is searched for.
        patience: Seconds to wait for it.

    Raises:
        QueryError: `unavailable` when there is none in time, `invalid` when the query has none.
    """
    resting = _resting.get()
    until, reason = resting.get(space.id, (0.0, ""))
    if time.monotonic() < until and (space.id, "query", query) not in _memory.get():
        raise unavailable(reason)
    try:
        return await _within(patience, vectors_of(space, [query], "query"))
    except QueryError as error:
        if error.code == "unavailable":
            resting[space.id] = (time.monotonic() + _RESTS, str(error))
        raise


async def _within(patience: float, vectors: Awaitable[list[Vector]]) -> Vector:
    try:
        async with asyncio.timeout(patience):
            return (await vectors)[0]
    except TimeoutError as error:
        raise unavailable(f"The embedding provider did not answer within {patience:g} s.") from error


async def _ask_for(space: Space, texts: Sequence[str], role: Role) -> dict[str, Vector]:
    try:
        batch = await _embed(space, texts, role)
    except RefusedError as error:
        raise unavailable(str(error)) from error
    found: dict[str, Vector] = {}
    for place, (text, vector) in enumerate(zip(texts, batch.vectors, strict=True)):
        if vector is None:
            raise QueryError("invalid", f"A text has no vector: {batch.failures[place]}", field="texts")
        found[text] = vector
    return found


async def _embed(space: Space, texts: Sequence[str], role: Role) -> EmbeddedBatch:
    embedder = await embedder_of(space)
    embed = embedder.embed_documents if role == "document" else embedder.embed_queries
    try:
        return await embed(texts)
    except ProviderUnavailableError as error:
        logger.warning("vector space {}: {}", space.id, error)
        raise unavailable(str(error)) from error
    except (ProviderRefusedError, SealedKeyError, LlmError) as error:
        raise RefusedError(str(error)) from error
